import manifest from '../../models/manifest.json';
import { BodyAnalysisError } from '../schema/errors.ts';
import { assetUrl } from './assets.ts';
import type { AssetFile } from './assets.ts';

/** One Cache API cache for all of the origin's body21 models; its entries are named by their content. */
const CACHE_NAME = 'body21-models';
const KEY_PATH = '/body21-models/';

/** A file as the manifest describes it. */
interface ModelEntry {
  file: string;
  bytes: number;
  sha256: string;
  inputs: readonly { name: string; shape: readonly number[] }[];
}

/** The manifest's entry of a model file. */
export function modelEntry(file: AssetFile): ModelEntry {
  const entry = manifest.models.find((model) => model.file === file);
  if (!entry) throw new BodyAnalysisError('internal', `The model manifest has no ${file}. Reinstall body21.`);
  return entry;
}

/**
 * A model file's bytes: from the cache, else from the network and then kept, so that the next visit asks for
 * nothing. Either way they are exactly the bytes this version was built with.
 * @param baseUrl the folder that hosts the files; the package itself where `undefined`
 * @param onBytes told how many bytes are there, each time more are
 * @throws BodyAnalysisError `model-fetch` or `model-integrity`
 */
export async function loadModel(
  file: AssetFile,
  baseUrl: string | undefined,
  onBytes: (loaded: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const entry = modelEntry(file);
  const cache = await openCache();
  const key = `${KEY_PATH}${entry.sha256}`;
  const kept = await cache?.match(key);
  if (kept) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if (await isIntact(bytes, entry)) {
      onBytes(bytes.length);
      return bytes;
    }
  }
  const url = assetUrl(file, baseUrl);
  const bytes = await download(url, entry, onBytes);
  if (!(await isIntact(bytes, entry))) {
    throw new BodyAnalysisError(
      'model-integrity',
      `${url} is not the file this version of body21 was built with (its SHA-256 differs). Deploy the model files of the installed version, unaltered.`,
    );
  }
  // A full disk or a private window only costs the next visit its shortcut.
  await cache?.put(key, new Response(bytes)).catch(() => {});
  return bytes;
}

/** Drops what other versions left: anything the current manifest does not name. */
export async function dropOutdatedModels(): Promise<void> {
  const cache = await openCache();
  if (!cache) return;
  const current = new Set(manifest.models.map((model) => `${KEY_PATH}${model.sha256}`));
  const keys = await cache.keys();
  await Promise.all(
    keys.filter(({ url }) => !current.has(new URL(url).pathname)).map((key) => cache.delete(key)),
  );
}

/** `undefined` where there is no Cache API (an insecure page) or it refuses (blocked storage). */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await globalThis.caches?.open(CACHE_NAME);
  } catch {
    return undefined;
  }
}

async function download(
  url: string,
  entry: ModelEntry,
  onBytes: (loaded: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const remedy =
    'Check that the model files are deployed beside the worker, or set `baseUrl` to the folder that has them.';
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new BodyAnalysisError('model-fetch', `${url} could not be fetched. ${remedy}`, cause);
  }
  if (!response.ok || !response.body) {
    throw new BodyAnalysisError(
      'model-fetch',
      `${url} answered ${response.status} ${response.statusText}. ${remedy}`,
    );
  }
  const bytes = new Uint8Array(entry.bytes);
  let loaded = 0;
  try {
    for (const reader = response.body.getReader(); ;) {
      // oxlint-disable-next-line no-await-in-loop -- a stream is read piece by piece
      const { done, value } = await reader.read();
      if (done) break;
      if (loaded + value.length > bytes.length) {
        loaded += value.length;
        // oxlint-disable-next-line no-await-in-loop
        await reader.cancel();
        break;
      }
      bytes.set(value, loaded);
      loaded += value.length;
      onBytes(loaded);
    }
  } catch (cause) {
    throw new BodyAnalysisError('model-fetch', `${url} broke off after ${loaded} bytes. Try again.`, cause);
  }
  if (loaded !== bytes.length) {
    throw new BodyAnalysisError(
      'model-integrity',
      `${url} has ${loaded > bytes.length ? 'more' : 'only'} ${loaded > bytes.length ? 'than ' : ''}${Math.min(loaded, bytes.length)} of the ${bytes.length} bytes expected. Deploy the model files of the installed version, unaltered.`,
    );
  }
  return bytes;
}

async function isIntact(bytes: Uint8Array<ArrayBuffer>, entry: ModelEntry): Promise<boolean> {
  if (bytes.length !== entry.bytes) return false;
  // Browsers offer hashing to secure pages only; elsewhere the length has to do.
  if (!globalThis.crypto.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === entry.sha256;
}
