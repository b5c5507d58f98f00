/** How a host has sent a file, as `fetch` tells. */
export interface Sent {
  ok: boolean;
  status: number;
  headers: { get: (name: string) => string | null };
}

/** A script that did not start, and who wanted it. */
export interface StuckScript {
  url: string;
  /** Whether it is of another origin than who wanted it. */
  isForeign: boolean;
  /** Whether a worker is to start from it on a page that is cross-origin isolated. */
  isIsolated: boolean;
  /** Asks for the file, as `fetch` does. */
  ask: (url: string) => Promise<Sent>;
}

/** What browsers run as a module, by the standard's list. */
const JAVASCRIPT = /^(?:application|text)\/(?:x-)?(?:java|ecma)script\b/i;

/**
 * Why browsers start nothing from a script, as far as that shows in how it is sent: they say so in their console only, or
 * nowhere.
 * @returns what is the matter with it and the remedy, to be read behind its name; `undefined` where nothing is amiss
 */
export async function scriptTrouble({
  url,
  isForeign,
  isIsolated,
  ask,
}: StuckScript): Promise<string | undefined> {
  let sent: Sent;
  try {
    sent = await ask(url);
  } catch {
    return isForeign
      ? 'cannot be read from this page: a host of another origin must send it with `Access-Control-Allow-Origin`.'
      : undefined;
  }
  if (!sent.ok) return `is answered with ${sent.status}: deploy the file there.`;
  const type = sent.headers.get('Content-Type');
  if (type === null || !JAVASCRIPT.test(type)) {
    return `is sent ${type === null ? 'without a type' : `as ${type}`}, and browsers run no module of that: its host must send \`Content-Type: text/javascript\`.`;
  }
  // Of another origin it is imported by a script of the page's own, which has the page's policy.
  if (isIsolated && !isForeign && !sent.headers.get('Cross-Origin-Embedder-Policy')) {
    return 'is sent without the header `Cross-Origin-Embedder-Policy: require-corp`: on a page that is cross-origin isolated browsers start workers only from scripts that have it, as the page has.';
  }
  return undefined;
}
