// SVG as text: elements, and the document with the colours for light and dark pages.
'use strict';

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text) {
  return String(text).replace(/[&<>"]/g, (one) => ESCAPES[one]);
}

/** An element; its content is elements, or text that is `escape`d already. */
function element(name, attributes, ...content) {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  const inside = content.flat().join('');
  return `<${name}${given.join('')}${inside ? `>${inside}</${name}` : '/'}>`;
}

function text(x, y, content, attributes = {}) {
  return element('text', { x, y, ...attributes }, escape(content));
}

/** Background, text, lesser text, grid, then a colour for each series. */
const LIGHT = [
  '#ffffff',
  '#1f2328',
  '#59636e',
  '#d8dee4',
  '#0757c2',
  '#b0500c',
  '#0f766e',
  '#7c3aed',
];
const DARK = [
  '#0d1117',
  '#e6edf3',
  '#9aa4af',
  '#2f363e',
  '#6cb0ff',
  '#f0a35e',
  '#3fcfbb',
  '#b79cf7',
];

function colours([background, ink, lesser, grid, ...series]) {
  const rules = [
    `.background{fill:${background}}`,
    `text{fill:${ink}}`,
    `.lesser{fill:${lesser}}`,
    `.grid{stroke:${grid}}`,
    `.axis{stroke:${lesser}}`,
    ...series.flatMap((colour, at) => [`.s${at}{stroke:${colour}}`, `.f${at}{fill:${colour}}`]),
  ];
  return rules.join('');
}

const STYLE = [
  'text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}',
  '.title{font-size:17px;font-weight:600}.panel{font-size:14px;font-weight:600}.lesser{font-size:12px}',
  '.grid{stroke-width:1}.axis{stroke-width:1}.line{fill:none;stroke-width:2}.whisker{stroke-width:1}',
  '.dashed{stroke-dasharray:5 4}',
  colours(LIGHT),
  `@media (prefers-color-scheme:dark){${colours(DARK)}}`,
].join('\n');

/** A whole picture; `label` is its text for those who do not see it. */
function document({ width, height, label }, content) {
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'aria-label': label,
  };
  const background = element('rect', { class: 'background', width, height, rx: 6 });
  const parts = [`<style>${STYLE}</style>`, background, ...content.flat()];
  return `${element('svg', root, `\n${parts.join('\n')}\n`)}\n`;
}

module.exports = { document, element, text };
