// The types of the forward engine's typed call.

import type { Forwarded, Probe } from '../binding.js';

/** An upstream proxy, as `forward` takes it and as a provider lists it. */
export interface Upstream {
  /** Its name in events and configurations. Default: its URL without credentials. */
  id?: string | undefined;
  /** The protocol it speaks. `'https'` is TLS to the proxy; `'direct'` connects without a proxy. */
  protocol: 'http' | 'https' | 'socks5' | 'direct';
  /** A host name or an address; left out for `'direct'` only. */
  host?: string | undefined;
  /** Its port, 1 to 65535; left out for `'direct'` only. */
  port?: number | undefined;
  /** The user name for Basic authentication or RFC 1929. It is sent to this upstream only. */
  username?: string | undefined;
  /** The password that belongs to `username`. */
  password?: string | undefined;
  /** Certificates in PEM that are trusted for this upstream, besides the system's and `NODE_EXTRA_CA_CERTS`. */
  ca?: string | undefined;
  /** The country of its exit, as `'DE'`. Shown in `getConfigJSON`, and compared with filters. */
  country_code?: string | undefined;
  /** The state of its exit; used as `country_code` is. */
  state?: string | undefined;
  /** The city of its exit; used as `country_code` is. */
  city?: string | undefined;
  /** The postal code of its exit; used as `country_code` is. */
  zip?: string | undefined;
  /** The internet provider of its exit; used as `country_code` is. */
  isp?: string | undefined;
  /** The address of its exit; shown in `getConfigJSON`. */
  public_ip?: string | undefined;
}

/** The options of `forward`. An option that is `undefined` counts as left out; an unknown one throws. */
export interface ForwardOptions {
  /** The local port: 1 to 65535, within the range (`updateIpFormatAndPorts`, `setRangePort`). */
  port: number;
  /**
   * The upstream: a URL (`'socks5://user:password@host:1080'`), an `Upstream` object, or `{ id }` of a proxy that the
   * provider knows. A URL begins with `http`, `https`, `socks5` or `direct`; user and password are percent-encoded;
   * the port is 80, 443 or 1080 by default.
   */
  upstream: string | Upstream | { id: string };
  /**
   * The protocols that the local port accepts. Default: `'any'`, which is HTTP and SOCKS5; the first byte of a connection
   * tells which.
   */
  accept?: 'any' | 'http' | 'socks5' | undefined;
  /**
   * The host and port that an HTTP upstream is asked to connect to when this port is checked. Default: that of
   * `configure({ probe })`.
   */
  probe?: Probe | undefined;
  /**
   * What happens to open connections when another upstream takes over: they continue with their upstream (`'keep'`),
   * they may continue for 30 seconds (`'drain'`), or they are reset at once (`'break'`). Default: `'keep'`.
   */
  onRotate?: 'keep' | 'drain' | 'break' | undefined;
  /**
   * Whether this port changes to another upstream when its own fails. Default: that of `configure({ rotateOnError })`.
   */
  rotateOnError?: boolean | undefined;
  /**
   * The credentials that clients of this port must present: a username of 1 to 255 bytes without a colon, a password of
   * 1 to 255 bytes. Default: those of `setProxyAuth`.
   */
  auth?: { username: string; password: string } | undefined;
  /** The id of this request in events. Default: the upstream's id. */
  requestId?: string | undefined;
  /**
   * Cancels the request as long as nothing has changed: the Promise rejects with an `AbortError` after `proxyError` with the
   * detail `port removed`, and a port that was forwarded before stays as it was. Once the new upstream takes over, the request is
   * completed.
   */
  signal?: AbortSignal | undefined;
}

/**
 * Forwards a local port with rules of its own. New code uses it in place of `createWithId`.
 *
 * Resolves once the handshake with the upstream succeeded; `portStateUpdate` and `forwardListCompleted` were
 * published before. A port that is forwarded already changes its upstream and its rules. Rejects after `proxyError`, with
 * code `req_proxy_config_error` and the detail in the message; the port is then not forwarded. `cause` is what the system or
 * the TLS library said (`ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`), in the form of Node's own errors.
 *
 * Throws at once: `TypeError` `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` (the upstream is invalid; the message says
 * why and never shows it) or `ERR_UNKNOWN_OPTION`, `RangeError` `ERR_SOCKET_BAD_PORT`.
 *
 * After `setSaveDataPath` an upstream that is given here is saved with its password, in a file of mode 0600; on
 * Windows in one that whoever may read the directory can read.
 *
 * @example
 * const { address, latencyMs } = await forward({ port: 60000, upstream: 'socks5://127.0.0.1:1080', onRotate: 'break' });
 */
export function forward(options: ForwardOptions): Promise<Forwarded>;
