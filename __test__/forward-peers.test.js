// Programs that others wrote on both sides of a forwarded port: every client through every upstream.
'use strict';

const { DAEMONS } = require('./support/daemons.cjs');
const { config, entry, forwarding, loopwire, serve, until } = require('./support/forwarding.cjs');
const { needs } = require('./support/needs.cjs');
const { chromium, closing } = require('./support/visitors/chromium.cjs');
const { curl } = require('./support/visitors/curl.cjs');
const { requests } = require('./support/visitors/requests.cjs');
const { undici } = require('./support/visitors/undici.cjs');
const { SEEN, web } = require('./support/web.cjs');

const CREDENTIALS = { username: 'alice', password: 'sesame' };
const MEGABYTES = 5 << 20;
/** Longer than two of everything take on two busy cores. */
const LONG_MS = 60_000;

closing();

for (const visitor of [curl, undici, requests, chromium]) {
  for (const daemon of DAEMONS) {
    for (const credentials of [undefined, CREDENTIALS]) {
      const how = credentials ? 'with credentials' : 'without credentials';
      const tools = [...visitor.tools, ...daemon.tools, ...((credentials && daemon.login) ?? [])];
      needs(...tools).test(
        `${visitor.name} through ${daemon.name} ${how}`,
        async () => {
          const server = await serve(web());
          const upstream = await daemon.start(credentials);
          const list = [entry('1', daemon.protocol, upstream.port, credentials)];
          const { heard, start: port } = await forwarding({ list });
          expect(await loopwire.createWithId(port, '1')).toBe(0);
          await heard.until((texts) => texts.length === 2);
          heard.taken();
          const base = `http://127.0.0.1:${server.port}`;
          for (const [name, way] of Object.entries(visitor.ways)) {
            const before = config(port);
            const { socket = SEEN.socket, ...seen } = await way.visit(port, base);
            expect({ name, ...seen, socket }).toEqual({ name, ...SEEN });
            const { bw, connections } = config(port);
            // It was this port that everything went through, both ways.
            expect(bw.bytes_read - before.bw.bytes_read).toBeGreaterThan(MEGABYTES);
            expect(bw.bytes_write - before.bw.bytes_write).toBeGreaterThan(MEGABYTES);
            // Four requests do not make a connection each.
            const urls = ['/small', '/chunked', '/cached', '/small'].map((path) => base + path);
            await way.turns(port, urls);
            expect(config(port).connections - connections).toBeLessThanOrEqual(
              visitor.connections ?? 1,
            );
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
