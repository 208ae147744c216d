// Makes the CommonJS build of the client, and its types, from the modules in client/.
//
//   node scripts/client.cjs           writes client/index.cjs and client/index.d.cts, and prints the sizes
//   node scripts/client.cjs --check   writes nothing: fails if they differ from the sources, or are too big
//
// Both files are committed, so that a clone needs no build, and are for people to read: not minified.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const lib = require('./lib.cjs');

const dir = path.join(lib.root, 'client');

/** What a page may have to load: minified by esbuild, compressed by gzip at its best level. */
const SIZES = [
  // The event channel alone is for pages whose whole code may be a few kilobytes.
  { what: 'EventClient alone', source: "export { EventClient } from './index.js';", limit: 8 },
  { what: 'everything', source: "export * from './index.js';", limit: 14 },
];

/** What the client is written for: classes with private fields, nothing newer in its syntax. */
const TARGET = 'es2022';

const MADE = 'Made by scripts/client.cjs from the modules beside it: change those.';

/** @param {import('esbuild').BuildOptions} options */
async function bundle(options) {
  const { build } = require('esbuild');
  const result = await build({
    absWorkingDir: dir,
    bundle: true,
    write: false,
    platform: 'neutral',
    target: TARGET,
    logLevel: 'silent',
    ...options,
  });
  return /** @type {import('esbuild').OutputFile[]} */ (result.outputFiles)[0];
}

async function commonjs() {
  const { text } = await bundle({ entryPoints: ['index.js'], format: 'cjs' });
  return `// The client of Loopwire's listeners, for \`require\`. ${MADE}\n${text}`;
}

/**
 * The types of the CommonJS build: one file that holds all modules' types. A `.d.cts` that pointed at the
 * `.d.ts` files would name ES modules, which TypeScript does not let a CommonJS program require.
 *
 * The modules follow four rules, which are checked: a name is declared once among all of them, an export
 * is not renamed, each import or re-export ends with a semicolon, and from elsewhere only types are imported.
 */
function types() {
  /** @type {Set<string>} */
  const seen = new Set();
  /** The names from each module outside of client/. @type {Map<string, Set<string>>} */
  const imports = new Map();
  /** @type {string[]} */
  const parts = [];
  /** @type {Map<string, string>} */
  const declared = new Map();

  const visit = (/** @type {string} */ file) => {
    if (seen.has(file)) return;
    seen.add(file);
    const name = path.posix.relative(dir, file);
    const fromOthers = /^(import|export)\s(type\s)?[^;=]*?\sfrom\s+'([^']+)';\n?/gm;
    const text = fs.readFileSync(file, 'utf8').replace(fromOthers, (whole, _, __, target) => {
      const other = path.posix.resolve(path.posix.dirname(file), target);
      if (/\sas\s/.test(whole) && target.startsWith('.')) {
        throw new lib.Problem(`client/${name} renames what it takes from ${target}.`);
      }
      if (target.startsWith('.') && other.startsWith(`${dir}/`)) {
        visit(other.replace(/\.js$/, '.d.ts'));
      } else {
        const named = /^import type \{([^}]*)\} from/.exec(whole);
        if (!named) throw new lib.Problem(`client/${name} does not import types from ${target}.`);
        const from = target.startsWith('.') ? path.posix.relative(dir, other) : target;
        const names = imports.get(from) ?? new Set();
        for (const one of named[1].split(',')) if (one.trim()) names.add(one.trim());
        imports.set(from, names);
      }
      return '';
    });
    const declaration =
      /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const)\s+(\w+)/gm;
    /** @type {Set<string>} */
    const own = new Set();
    for (const [, one] of text.matchAll(declaration)) own.add(one);
    for (const one of own) {
      const other = declared.get(one);
      if (other) throw new lib.Problem(`client/${name} declares ${one}, as client/${other} does.`);
      declared.set(one, name);
    }
    // What is left of a module that only re-exports is its first line.
    if (own.size > 0) parts.push(text.trim());
  };
  visit(path.posix.join(dir, 'index.d.ts'));
  const taken = [...imports].map(
    ([from, names]) =>
      `import type {\n${[...names].map((one) => `  ${one},\n`).join('')}} from '${from}';`,
  );
  return `// The client's types, for \`require\`. ${MADE}\n\n${[...taken, ...parts].join('\n\n')}\n`;
}

async function sizes() {
  return Promise.all(
    SIZES.map(async ({ what, source, limit }) => {
      const stdin = { contents: source, resolveDir: dir };
      const { contents } = await bundle({ stdin, format: 'esm', minify: true });
      const kib = zlib.gzipSync(contents, { level: 9 }).length / 1024;
      return { what, kib, limit };
    }),
  );
}

/** @param {string[]} args */
async function main(args) {
  const check = args.includes('--check');
  /** @type {string[]} */
  const problems = [];
  for (const [name, text] of [
    ['index.cjs', await commonjs()],
    ['index.d.cts', types()],
  ]) {
    const file = path.join(dir, name);
    if (!check) fs.writeFileSync(file, text);
    else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
      problems.push(`client/${name} is not of these sources: run \`node scripts/client.cjs\`.`);
    }
  }
  for (const { what, kib, limit } of await sizes()) {
    const said = `${what}: ${kib.toFixed(2)} KiB minified and gzipped, of at most ${limit} KiB`;
    console.log(said);
    if (kib > limit) problems.push(`The client is too big. ${said}.`);
  }
  if (problems.length > 0) throw new lib.Problem(problems.join('\n'));
}

lib.cli(() => main(process.argv.slice(2)));
