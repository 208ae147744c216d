// Git for clients: who is asked for credentials, and who may answer.
'use strict';

const fs = require('node:fs');
const loopwire = require('../..');
const { connect, listeners } = require('../support/channel/client.cjs');
const { gitServer } = require('../support/git/http.cjs');
const { end, leaks, place, repository, serve, spy } = require('../support/git/place.cjs');
const { needs } = require('../support/needs.cjs');
const child = require('../support/process/child.cjs');

const USERS = { bob: 'correct horse' };
const LONG = 60_000;

const start = listeners(loopwire);

const isType = (type) => (text) => JSON.parse(text).type === type;

async function open() {
  const source = repository();
  const server = await serve(gitServer(source.root, { users: USERS }));
  const here = place();
  loopwire.openWorkspace(here.root, { env: here.env });
  const url = `http://127.0.0.1:${server.port}/project.git`;
  const listener = start({ format: 'string' });
  const client = await connect(listener, { form: 'query' });
  return { ...here, listener, client, url, source };
}

/** The next message of a type; what came before it is dropped. */
const next = async (client, type) => JSON.parse((await client.until(isType(type))).at(-1));

needs('git').describe('a client', () => {
  test(
    'is asked alone, answers, and no secret is said or kept',
    async () => {
      const { listener, client, url, source, at, home } = await open();
      const other = await connect(listener, { form: 'query' });
      const stop = spy([USERS.bob]);
      client.send({ type: 'git:clone', data: { url, targetDir: 'copy', id: 7 } });
      const origin = new URL(url).origin;
      const { timestamp, ...asked } = await next(client, 'git:credentialsRequired');
      expect(new Date(timestamp).toISOString()).toBe(timestamp);
      const host = new URL(url).host;
      const about = { url: origin, host };
      expect(asked).toEqual({
        type: 'git:credentialsRequired',
        data: {
          kind: 'username',
          prompt: `Username for '${origin}': `,
          ...about,
          attempt: 1,
          id: 7,
        },
      });
      // Somebody else cannot answer, and an answer of another kind changes nothing.
      other.send({ type: 'git:credentials', data: { id: 7, username: 'eve' } });
      expect((await next(other, 'error')).data).toMatchObject({ code: 'GONE', id: 7 });
      client.send({ type: 'git:credentials', data: { id: 7, password: USERS.bob } });
      expect((await next(client, 'error')).data).toMatchObject({
        code: 'BAD_MESSAGE',
        message: expect.stringContaining('data.username'),
        command: 'git:credentials',
      });
      client.send({ type: 'git:credentials', data: { id: 7, username: 'bob' } });
      const second = (await next(client, 'git:credentialsRequired')).data;
      expect(second).toMatchObject({ kind: 'password', username: 'bob', id: 7 });
      client.send({ type: 'git:credentials', data: { id: 7, password: USERS.bob } });
      const all = await end(client);
      expect(all.at(-1)).toMatchObject({
        type: 'git:complete',
        data: { id: 7, commit: source.commit },
      });
      expect(stop().found).toEqual([]);
      const said = [...(await other.settle()), ...listener.events.drain()];
      expect(said.filter((text) => text.includes('credentialsRequired'))).toEqual([]);
      expect(said.filter((text) => text.includes(USERS.bob))).toEqual([]);
      expect(leaks(at(), [USERS.bob])).toEqual([]);
      expect(leaks(home, [USERS.bob])).toEqual([]);
      client.send({ type: 'git:credentials', data: { id: 7, username: 'bob' } });
      expect((await next(client, 'error')).data.code).toBe('GONE');
    },
    LONG,
  );

  test(
    'refuses, or leaves: the operation fails and nothing is left',
    async () => {
      const { client, listener, url, at } = await open();
      client.send({ type: 'git:clone', data: { url, targetDir: 'a', id: 'r' } });
      await next(client, 'git:credentialsRequired');
      client.send({ type: 'git:credentials', data: { id: 'r', cancel: true } });
      expect((await end(client)).at(-1).data).toMatchObject({ id: 'r', code: 'AUTH_FAILED' });
      const leaver = await connect(listener, { form: 'query' });
      leaver.send({ type: 'git:clone', data: { url, targetDir: 'b', id: 'l' } });
      await next(leaver, 'git:credentialsRequired');
      await leaver.close();
      expect((await end(client)).at(-1).data).toMatchObject({
        id: 'l',
        code: 'AUTH_FAILED',
        message: expect.stringContaining('connection that started the operation has gone'),
      });
      expect(fs.readdirSync(at())).toEqual([]);
    },
    LONG,
  );

  test(
    'gives credentials with the command; at the highest level of logs nothing is to be seen of them',
    async () => {
      const source = repository();
      const server = await serve(gitServer(source.root, { users: USERS }));
      const here = place();
      const url = `http://127.0.0.1:${server.port}/project.git`;
      const bob = { username: 'bob', password: USERS.bob };
      const args = [here.root, url, JSON.stringify(here.env), JSON.stringify(bob)];
      // The arguments are JSON in a file, since the process list is looked at.
      const file = `${here.home}/arguments.json`;
      fs.writeFileSync(file, JSON.stringify(args));
      // The harness build has a log of its own.
      const variables = { LOOPWIRE_LOG: 'trace', NAPI_RS_NATIVE_LIBRARY_PATH: '' };
      const running = child.start('git-credentials', { args: [file], variables });
      const messages = await running.until(({ done }) => done);
      const { code, errors } = await running.ended;
      expect([code, messages.at(-1).done]).toEqual([0, ['git:complete', 'git:complete']]);
      expect(errors).toContain('git asks for credentials');
      expect(errors).not.toContain(USERS.bob);
      expect(JSON.stringify(messages)).not.toContain(USERS.bob);
      fs.rmSync(file);
      expect(leaks(here.home, [USERS.bob])).toEqual([]);
    },
    LONG,
  );
});
