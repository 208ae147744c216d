// The types of forwarded ports.

/** A forwarded port. */
export interface SandboxPort {
  port: number;
  address: string;
  proxyId: string;
  online: boolean;
  /** Why it is online or offline: the `reason` of the last `portStateUpdate`. */
  reason: string;
  /** Since when it is online or offline. */
  since: string;
  upstream: string | null;
  latencyMs: number | null;
  lastError: string | null;
  connections: number;
  streams: number;
}

/** The forwarded ports of the listener's process. `signal` ends the waiting; what was asked for may still be done. */
export interface SandboxPorts {
  list(options?: { signal?: AbortSignal }): Promise<SandboxPort[]>;
  /** Gives a port another upstream. Rejects with `NOT_FORWARDED`, `ROTATE_FAILED`, and `CONNECTION_LOST`. */
  rotate(
    port: number,
    options?: { signal?: AbortSignal },
  ): Promise<{ port: number; proxyId: string; upstream: string; latencyMs: number | null }>;
  /** Ends it. Whether there was one. */
  remove(port: number, options?: { signal?: AbortSignal }): Promise<boolean>;
}
