// Loaded before a program of the sandbox's page: its host is this machine, and its port the one that LOOPWIRE_PAGE_PORT says. The
// name stays what the request and the certificate are about.
'use strict';

const net = require('node:net');

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function mapped(...args) {
  const given = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (given?.host === 'sandbox.oblien.com' && Number(given.port) === 55_872) {
    given.host = '127.0.0.1';
    given.port = Number(process.env.LOOPWIRE_PAGE_PORT);
  }
  return connect.apply(this, args);
};
