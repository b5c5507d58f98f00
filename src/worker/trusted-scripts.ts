/** The part of the Trusted Types API that is needed; TypeScript has no types of it yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: Policy): Policy;
}

interface Policy {
  /** What a policy gives is no string, but taken wherever TypeScript knows of strings only. */
  createScriptURL: (url: string) => string;
}

declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var trustedTypes: TrustedTypes | undefined;
}

let policy: Policy | undefined;

/**
 * Where a page, or the host of the worker's script, requires Trusted Types, `new Worker` takes no plain
 * address. Bundlers know no other for the library's worker, nor does ONNX Runtime for its threads. So whoever
 * makes a worker from here on finds a constructor that vouches for the address.
 * @returns puts back what was there before
 */
export function trustScripts(): () => void {
  try {
    // A name can be given once.
    policy ??= globalThis.trustedTypes?.createPolicy('body21', { createScriptURL: (url) => url });
  } catch {
    // The name is not among those that are allowed here: plain addresses have to do.
  }
  if (!policy) return () => {};
  const vouching = policy;
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(vouching.createScriptURL(String(url)), options);
    }
  };
  return () => (globalThis.Worker = Original);
}
