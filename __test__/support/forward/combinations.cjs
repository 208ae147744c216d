// Runs a client of other authors through a forwarded port, with every upstream of other authors.
'use strict';

const { DAEMONS } = require('./daemons/daemons.cjs');
const { config, entry, forwarding, loopwire, serve, until } = require('./forwarding.cjs');
const { needs } = require('../needs.cjs');
const { SEEN, web } = require('./web.cjs');

const CREDENTIALS = { username: 'alice', password: 'sesame' };
const MEGABYTES = 5 << 20;
/** Longer than two of everything take on two busy cores. */
const LONG_MS = 60_000;

/** Tests that take a client through every upstream, with and without credentials. */
function throughEveryUpstream(client) {
  for (const daemon of DAEMONS) {
    for (const credentials of [undefined, CREDENTIALS]) {
      const how = credentials ? 'with credentials' : 'without credentials';
      const tools = [...client.tools, ...daemon.tools, ...((credentials && daemon.login) ?? [])];
      needs(...tools).test(
        `${client.name} through ${daemon.name} ${how}`,
        async () => {
          const server = await serve(web());
          const upstream = await daemon.start(credentials);
          const list = [entry('1', daemon.protocol, upstream.port, credentials)];
          const { heard, start: port } = await forwarding({ list });
          expect(await loopwire.createWithId(port, '1')).toBe(0);
          await heard.until((texts) => texts.length === 2);
          heard.taken();
          const base = `http://127.0.0.1:${server.port}`;
          for (const [name, way] of Object.entries(client.ways)) {
            const before = config(port);
            const { socket, ...bodies } = SEEN;
            const wanted = { name, ...bodies, ...(way.talks && { socket }) };
            expect({ name, ...(await way.visit(port, base)) }).toEqual(wanted);
            const { bw, connections } = config(port);
            // It was this port that everything went through, both ways.
            expect(bw.bytes_read - before.bw.bytes_read).toBeGreaterThan(MEGABYTES);
            expect(bw.bytes_write - before.bw.bytes_write).toBeGreaterThan(MEGABYTES);
            // Four requests do not make a connection each.
            const urls = ['/small', '/chunked', '/cached', '/small'].map((path) => base + path);
            await way.turns(port, urls);
            const more = config(port).connections - connections;
            expect(more).toBeGreaterThan(0);
            expect(more).toBeLessThanOrEqual(client.connections ?? 1);
          }
          await until(() => config(port).streams === 0, 'no stream');
          expect(config(port)).toMatchObject({ is_online: true, last_error: null });
          expect(heard.taken()).toEqual([]);
        },
        LONG_MS,
      );
    }
  }
}

module.exports = { throughEveryUpstream };
