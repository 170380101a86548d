// How much one address may hold and ask for, so that no single one locks out all others.
import { TokenBucket } from "../protocol/index.ts";
import { quotaKey } from "./address.ts";

/** What an address can have too much of. */
export type Quota = "connections" | "joins" | "requests" | "bodies" | "body_bytes";

export interface QuotaOptions {
  /** Percent of each bound that one address may hold. */
  readonly addressSharePercent: number;
  readonly connectionsMax: number;
  readonly requestsMax: number;
  /** Largest body; one is always allowed. */
  readonly bodyBytesMax: number;
  readonly bodyBytesUnderWayMax: number;
  readonly joinsPerSecondMax: number;
  readonly requestsPerSecondMax: number;
}

/** What an address may hold at once. */
export interface AddressLimits {
  readonly connections: number;
  /** Requests whose body is being read. */
  readonly bodies: number;
  readonly bodyBytes: number;
}

/** A body that is being read. */
export interface HeldBody {
  readonly bytes: number;
  /** Null: too little is under way to ask whose it is. */
  readonly use: AddressUse | null;
}

// Asking Bun for an address takes 1 to 2 us, a twentieth of a POST. So the first tenth of what may be under way belongs to
// nobody, and an address may hold a tenth less of the rest.
const UNCOUNTED_SHARE = 0.1;
// Half of an address's requests a second are anybody's, before addresses are looked at.
const UNCOUNTED_RATE_SHARE = 0.5;
// Everybody behind one router comes back at once after a restart.
const JOIN_BURST_SECONDS = 5;
// An address is forgotten when it holds nothing and has asked for nothing for so long that its buckets are full.
const FORGET_AFTER_MS = 60_000;
// Of IPv6 one customer may have 65,536 networks. Those beyond the bound share one quota.
const ADDRESSES_MAX = 10_000;
const OTHERS = "others";

/** At least one at once: half of one request a second would never be allowed. */
const rateLimit = (perSecond: number) => ({ perSecond, burst: Math.max(1, perSecond) });

/** What one address holds and has asked for. */
export class AddressUse {
  connections = 0;
  bodies = 0;
  bodyBytes = 0;
  lastSeenMs: number;
  readonly joins: TokenBucket;
  readonly requests: TokenBucket;

  constructor({ joinsPerSecondMax, requestsPerSecondMax }: QuotaOptions, nowMs: number) {
    this.lastSeenMs = nowMs;
    this.joins = new TokenBucket(
      { perSecond: joinsPerSecondMax, burst: joinsPerSecondMax * JOIN_BURST_SECONDS },
      nowMs,
    );
    this.requests = new TokenBucket(
      rateLimit(requestsPerSecondMax * (1 - UNCOUNTED_RATE_SHARE)),
      nowMs,
    );
  }

  get isIdle(): boolean {
    return this.connections === 0 && this.bodies === 0 && this.bodyBytes === 0;
  }
}

export class Quotas {
  readonly limits: AddressLimits;
  readonly #options: QuotaOptions;
  readonly #uses = new Map<string, AddressUse>();
  readonly #uncounted: Pick<AddressLimits, "bodies" | "bodyBytes">;
  readonly #uncountedRequests: TokenBucket;
  readonly #bodyBytesMax: number;
  #bodies = 0;
  #bodyBytes = 0;

  constructor(options: QuotaOptions, nowMs: number) {
    const { connectionsMax, requestsMax, bodyBytesMax, bodyBytesUnderWayMax } = options;
    const shareOf = (bound: number) => Math.ceil((bound * options.addressSharePercent) / 100);
    this.#options = options;
    this.limits = {
      connections: shareOf(connectionsMax),
      bodies: shareOf(requestsMax),
      bodyBytes: Math.max(bodyBytesMax, shareOf(bodyBytesUnderWayMax)),
    };
    this.#bodyBytesMax = Math.max(bodyBytesMax, bodyBytesUnderWayMax);
    this.#uncounted = {
      bodies: Math.floor(requestsMax * UNCOUNTED_SHARE),
      bodyBytes: Math.floor(bodyBytesUnderWayMax * UNCOUNTED_SHARE),
    };
    this.#uncountedRequests = new TokenBucket(
      rateLimit(options.requestsPerSecondMax * UNCOUNTED_RATE_SHARE),
      nowMs,
    );
  }

  /** What counts for this address, which is seen now. */
  of(address: string, nowMs: number): AddressUse {
    const key = quotaKey(address);
    let use = this.#uses.get(key);
    if (use === undefined) {
      const kept = this.#uses.size < ADDRESSES_MAX ? key : OTHERS;
      use = this.#uses.get(kept) ?? new AddressUse(this.#options, nowMs);
      this.#uses.set(kept, use);
    }
    use.lastSeenMs = nowMs;
    return use;
  }

  /** A request has come. `useOf` tells whose it is, if that matters now. Returns `requests` if it is one too many. */
  requestRefusal(useOf: () => AddressUse, nowMs: number): Quota | null {
    if (this.#uncountedRequests.take(nowMs) || useOf().requests.take(nowMs)) return null;
    return "requests";
  }

  /** Whether one more streaming connection may open now. Its `connections` is counted by whoever opens it. */
  connectRefusal(use: AddressUse, nowMs: number): Quota | null {
    if (use.connections >= this.limits.connections) return "connections";
    return use.joins.take(nowMs) ? null : "joins";
  }

  /**
   * A body of this length is about to be read: of a length that is not known, the largest. Returns the quota that is used
   * up, or a body that must be given to `endBody`.
   */
  beginBody(useOf: () => AddressUse, bytes: number): Quota | HeldBody {
    if (this.#bodyBytes + bytes > this.#bodyBytesMax) return "body_bytes";
    const { bodies, bodyBytes } = this.#uncounted;
    const isUncounted = this.#bodies < bodies && this.#bodyBytes + bytes <= bodyBytes;
    const use = isUncounted ? null : useOf();
    if (use !== null) {
      if (use.bodies >= this.limits.bodies - bodies) return "bodies";
      // One body is always allowed.
      const isFirst = use.bodyBytes === 0;
      if (!isFirst && use.bodyBytes + bytes > this.limits.bodyBytes - bodyBytes)
        return "body_bytes";
      use.bodies++;
      use.bodyBytes += bytes;
    }
    this.#bodies++;
    this.#bodyBytes += bytes;
    return { bytes, use };
  }

  endBody({ bytes, use }: HeldBody): void {
    if (use !== null) {
      use.bodies--;
      use.bodyBytes -= bytes;
    }
    this.#bodies--;
    this.#bodyBytes -= bytes;
  }

  /** Bodies that are being read, of all addresses. */
  get held(): Pick<AddressLimits, "bodies" | "bodyBytes"> {
    return { bodies: this.#bodies, bodyBytes: this.#bodyBytes };
  }

  /** Forgets addresses that hold nothing. Call it every second or so. */
  sweep(nowMs: number): void {
    for (const [key, use] of this.#uses) {
      if (use.isIdle && nowMs - use.lastSeenMs >= FORGET_AFTER_MS) this.#uses.delete(key);
    }
  }

  get addressCount(): number {
    return this.#uses.size;
  }

  /** The most that any address holds. */
  get mostHeld(): AddressLimits {
    const most = { connections: 0, bodies: 0, bodyBytes: 0 };
    for (const use of this.#uses.values()) {
      most.connections = Math.max(most.connections, use.connections);
      most.bodies = Math.max(most.bodies, use.bodies);
      most.bodyBytes = Math.max(most.bodyBytes, use.bodyBytes);
    }
    return most;
  }
}
