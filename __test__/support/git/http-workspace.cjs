// A workspace beside a git server over HTTP, and somebody who is asked for credentials.
'use strict';

const loopwire = require('../../..');
const { gitServer } = require('./http.cjs');
const { place, repository, serve } = require('./place.cjs');

const USERS = { bob: 'correct horse' };

/** A workspace, and a place to clone from. @param {object} [options] of the server */
async function open(options, bytes) {
  const source = repository(bytes);
  const server = await serve(gitServer(source.root, options));
  const here = place();
  const workspace = loopwire.openWorkspace(here.root, { env: here.env });
  const url = `http://127.0.0.1:${server.port}/project.git`;
  return { ...here, workspace, server, url, source };
}

/** What a Promise rejects with. */
const failure = (promise) =>
  promise.then(
    () => {
      throw new Error('it was fulfilled');
    },
    (error) => error,
  );

const rejection = async (promise) => {
  const { code, message } = await failure(promise);
  return { code, message };
};

/** The answers of somebody who knows the password after `wrong` attempts; `asked` has the questions. */
function person(wrong = 0) {
  const asked = [];
  const onCredentials = (question) => {
    asked.push(question);
    if (question.kind === 'username') return { username: 'bob' };
    return { password: question.attempt > wrong ? USERS.bob : 'guess' };
  };
  return { asked, onCredentials };
}

module.exports = { USERS, failure, open, person, rejection };
