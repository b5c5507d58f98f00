/** How a host has sent a file, as `fetch` tells. */
export interface Sent {
  ok: boolean;
  status: number;
  headers: { get: (name: string) => string | null };
  body: { cancel: () => Promise<void> } | null;
}

/** Asks for a file, as `fetch` does. */
export type Ask = (url: string) => Promise<Sent>;

/** A script that did not start, and who wanted it. */
export interface StuckScript {
  url: string;
  /** Whether it is of another origin than who wanted it. */
  isForeign: boolean;
  /** The page or worker that starts workers from it; `undefined` where nobody does. */
  starter: Starter | undefined;
  ask: Ask;
}

/** A page or worker, as its globals tell. */
export interface Starter {
  href: string;
  isIsolated: boolean;
}

/** What is the matter with a script. */
export interface ScriptTrouble {
  /** With the remedy, to be read behind the script's name. */
  words: string;
  /** Whether this is the reason, and not one of several. */
  isCertain: boolean;
}

/** What browsers run as a module, by the standard's list. */
const JAVASCRIPT = /^(?:application|text)\/(?:x-)?(?:java|ecma)script\b/i;
/** What holds a script in itself or in the page's memory: nobody sends it, and it has the page's policy. */
const SENT_BY_NOBODY = /^(?:blob|data):/;

/**
 * Why browsers start nothing from a script, as far as that shows in how it is sent: they
 * say so in their console only, or nowhere.
 * @returns `undefined` where nothing is amiss
 */
export async function scriptTrouble({
  url,
  isForeign,
  starter,
  ask,
}: StuckScript): Promise<ScriptTrouble | undefined> {
  let sent: Sent;
  try {
    sent = await look(url, ask);
  } catch {
    const reasons = [
      'the network or its host may be down',
      'an extension of the browser may block it',
      "the page's Content-Security-Policy may not allow its origin by `connect-src`",
      ...(isForeign ? ['its host may not send `Access-Control-Allow-Origin`'] : []),
    ];
    return {
      words: `cannot be read from this page: ${reasons.slice(0, -1).join(', ')}, or ${reasons.at(-1)}.`,
      isCertain: false,
    };
  }
  if (!sent.ok) return certain(`is answered with ${sent.status}: deploy the file there.`);
  const type = sent.headers.get('Content-Type');
  if (type !== null && /^text\/html\b/i.test(type)) {
    return certain(
      'is answered with a page (text/html), as hosts of single-page apps do where a file is missing: deploy the file there, or set `assets` to the folder that has it.',
    );
  }
  if (type === null || !JAVASCRIPT.test(type)) {
    return certain(
      `is sent ${type === null ? 'without a type' : `as ${type}`}, and browsers run no module of that: its host must send \`Content-Type: text/javascript\`.`,
    );
  }
  // Of another origin it is imported by a script of the page's own, which has the page's policy.
  if (isForeign || !starter || SENT_BY_NOBODY.test(url) || demandsHeader(sent)) return undefined;
  if (!(await startsEmbeddedOnly(starter, ask))) return undefined;
  return certain(
    'is sent without the header `Cross-Origin-Embedder-Policy: require-corp`: a page that has it starts workers only from scripts that have it too.',
  );
}

function certain(words: string): ScriptTrouble {
  return { words, isCertain: true };
}

/**
 * Asks for a file's headers: with `GET`, which every host answers as it does the
 * browser, but the file itself is left there.
 */
async function look(url: string, ask: Ask): Promise<Sent> {
  const sent = await ask(url);
  sent.body?.cancel().catch(() => {});
  return sent;
}

function demandsHeader({ headers }: Sent): boolean {
  return /^\s*(?:require-corp|credentialless)\b/.test(headers.get('Cross-Origin-Embedder-Policy') ?? '');
}

/**
 * Whether a page or worker starts workers only from scripts that have its header. A page may have it without
 * being isolated, for lack of the other one; and there are ways to be isolated that ask nothing of scripts.
 */
async function startsEmbeddedOnly({ href, isIsolated }: Starter, ask: Ask): Promise<boolean> {
  // What no host has sent has the policy of who made it.
  if (!/^https?:/.test(href)) return isIsolated;
  try {
    return demandsHeader(await look(href, ask));
  } catch {
    return isIsolated;
  }
}
