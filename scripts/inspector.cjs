// Makes the inspector's page from inspector/src, for the listener to serve.
//
//   node scripts/inspector.cjs           writes the files into crates/channel/assets/inspector, and prints the sizes
//   node scripts/inspector.cjs --check   writes nothing: fails if they differ from the sources, or are too big
//
// The files are committed, so that the native core is built without Node. What is embedded is the gzip form, which every
// browser takes; for a client that does not, the listener decompresses it. Its bytes depend on the version of zlib, so the
// check compares what is inside.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const lib = require('./lib.cjs');
const { withoutInlineStyles } = require('./inspector/xterm.cjs');

const source = path.join(lib.root, 'inspector', 'src');
const built = path.join(lib.root, 'crates', 'channel', 'assets', 'inspector');

/** Compressed, of each file: the native core grows by as much. @type {Record<string, number>} */
const LIMITS_KIB = {
  'inspector.html': 1,
  'inspector.js': 80,
  'inspector.css': 8,
  'terminal.js': 92,
};
/** Browsers of 2023 and newer. */
const TARGET = 'es2022';
/** What is in the scripts that is not ours. @type {Record<string, string[]>} */
const PARTS = {
  'inspector.js': ['preact', 'uplot'],
  'terminal.js': ['@xterm/xterm', '@xterm/addon-fit'],
};
/** Loaded when the first terminal is shown. */
const LATER = '/inspect/terminal.js';

/** The licences of a script's parts, which ask to stand with every copy. @param {string} script */
function licences(script) {
  const texts = PARTS[script].map((name) => {
    const dir = path.join(lib.root, 'node_modules', name);
    const { version } = JSON.parse(fs.readFileSync(path.join(dir, 'package.json'), 'utf8'));
    return `${name} ${version}\n\n${fs.readFileSync(path.join(dir, 'LICENSE'), 'utf8').trim()}`;
  });
  return `/*!\nLoopwire's inspector, made by scripts/inspector.cjs from inspector/src. It has these in it:\n\n${texts.join('\n\n')}\n*/\n`;
}

/** @returns {Promise<Map<string, Buffer>>} */
async function build() {
  const esbuild = require('esbuild');
  const common = /** @type {const} */ ({
    absWorkingDir: source,
    outdir: built,
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    target: TARGET,
    charset: 'utf8',
    logLevel: 'silent',
  });
  const results = await Promise.all([
    esbuild.build({
      ...common,
      entryPoints: { inspector: 'main.jsx', style: 'style.css' },
      format: 'iife',
      external: [LATER],
      jsx: 'automatic',
      jsxImportSource: 'preact',
      legalComments: 'none',
    }),
    esbuild.build({
      ...common,
      entryPoints: { terminal: 'xterm/main.js' },
      format: 'esm',
      // What xterm.js itself has in it says so in comments.
      legalComments: 'eof',
      plugins: [withoutInlineStyles],
    }),
  ]);
  const files = new Map([['inspector.html', fs.readFileSync(path.join(source, 'inspector.html'))]]);
  for (const { path: file, contents } of results.flatMap(({ outputFiles }) => outputFiles)) {
    const name = path.basename(file).replace('style.css', 'inspector.css');
    const head = name in PARTS ? licences(name) : '';
    files.set(name, Buffer.concat([Buffer.from(head), Buffer.from(contents)]));
  }
  return files;
}

/** @param {string} file @param {Buffer} contents */
function differs(file, contents) {
  try {
    return !zlib.gunzipSync(fs.readFileSync(file)).equals(contents);
  } catch {
    return true;
  }
}

/** @param {string[]} args */
async function main(args) {
  const check = args.includes('--check');
  /** @type {string[]} */
  const problems = [];
  let sum = 0;
  fs.mkdirSync(built, { recursive: true });
  for (const [name, contents] of await build()) {
    const file = path.join(built, `${name}.gz`);
    const packed = zlib.gzipSync(contents, { level: 9 });
    if (differs(file, contents)) {
      if (check)
        problems.push(`${name}.gz is not of these sources: run \`node scripts/inspector.cjs\`.`);
      else fs.writeFileSync(file, packed);
    }
    const kib = packed.length / 1024;
    const limit = LIMITS_KIB[name];
    sum += kib;
    const said = `${name}: ${(contents.length / 1024).toFixed(1)} KiB, ${kib.toFixed(1)} KiB gzipped, of at most ${limit} KiB`;
    console.log(said);
    if (kib > limit) problems.push(`The page is too big. ${said}.`);
  }
  console.log(`The page: ${sum.toFixed(1)} KiB gzipped`);
  if (problems.length > 0) throw new lib.Problem(problems.join('\n'));
}

lib.cli(() => main(process.argv.slice(2)));
