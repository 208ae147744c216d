// Writes types/wire/ from the fixtures: one type for each event, command, reply, message and error code.
//
//   node scripts/types.cjs           writes the files
//   node scripts/types.cjs --check   fails if they are not what the fixtures say
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const prettier = require('prettier');
const lib = require('./lib.cjs');
const { examples } = require('./types/examples.cjs');
const { readFixtures } = require('./types/fixtures.cjs');
const { Writer } = require('./types/write.cjs');

const WIRE = path.join(lib.root, 'types', 'wire');

/**
 * The texts of the files, as prettier has them.
 *
 * @param {any} schema
 * @param {Record<string, any[]>} fixtures
 */
async function generate(schema, fixtures) {
  const writer = new Writer(schema, examples(fixtures, schema));
  const files = writer.files();
  if (writer.problems.length > 0) throw new lib.Problem(writer.problems.join('\n'));
  const options = await prettier.resolveConfig(path.join(WIRE, 'index.d.ts'));
  const pretty = Object.entries(files).map(async ([file, text]) => {
    return [file, await prettier.format(text, { ...options, parser: 'typescript' })];
  });
  return Object.fromEntries(await Promise.all(pretty));
}

async function main() {
  const { schema, fixtures } = readFixtures();
  const files = await generate(schema, fixtures);
  if (!process.argv.includes('--check')) {
    fs.mkdirSync(WIRE, { recursive: true });
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(WIRE, file), text);
    return 0;
  }
  const there = fs.existsSync(WIRE) ? fs.readdirSync(WIRE) : [];
  const stray = there.filter((file) => !(file in files));
  const differing = Object.entries(files)
    .filter(
      ([file, text]) =>
        !there.includes(file) || fs.readFileSync(path.join(WIRE, file), 'utf8') !== text,
    )
    .map(([file]) => file);
  for (const file of [...differing, ...stray])
    console.error(
      `types/wire/${file} is not what the fixtures say: node scripts/types.cjs writes it`,
    );
  return differing.length + stray.length > 0 ? 1 : 0;
}

lib.cli(main);
