// Loaded before a program of the sandbox's page, where Node has no WebSocket of its own.
'use strict';

globalThis.WebSocket ??= require('ws');
