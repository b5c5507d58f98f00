import { BodyAnalysisError } from '../schema/errors.ts';
import type { Frame } from './frame.ts';

/*
 * Encoded pictures, which travel as the bytes they are: as text, in memory, and from the network.
 */

/** Base64, with or without a data URL's header. */
export function base64Frame(text: string): Frame {
  const data = text.replace(/^data:[^,]*,/, '').trim();
  if (data === '') {
    throw new BodyAnalysisError(
      'empty-image',
      'The string is empty. Hand in the bytes of a JPEG, PNG or BMP file as base64.',
    );
  }
  if (/^(?:https?|blob|file):|^\.{0,2}\//.test(data) && !data.startsWith('/9j/')) {
    throw new BodyAnalysisError(
      'image-format',
      'The string is an address, not base64. Hand in `new URL(address, location.href)` to have it fetched.',
    );
  }
  return { kind: 'base64', data };
}

/** A file's bytes, as they are now. */
export function bytesFrame(source: ArrayBuffer | ArrayBufferView): Frame {
  try {
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source);
    // The copy is the caller's bytes at this moment, and no SharedArrayBuffer's, which a Blob would not take.
    return { kind: 'encoded', data: new Blob([Uint8Array.from(bytes)]) };
  } catch (cause) {
    throw new BodyAnalysisError(
      'source-closed',
      'The buffer was transferred away and has no bytes any more. Hand in a copy.',
      cause,
    );
  }
}

/** What is at that address. */
export async function fetchSource(url: URL, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new BodyAnalysisError(
      'source-fetch',
      `${url.href} could not be fetched. Check the address, that its host allows this page to read it (CORS), and that a blob: URL was not revoked.`,
      cause,
    );
  }
}

/** A response's body, which is read to its end. */
export async function responseFrame(response: Response): Promise<Frame> {
  if (!response.ok) {
    throw new BodyAnalysisError(
      response.type === 'opaque' ? 'source-tainted' : 'source-fetch',
      response.type === 'opaque'
        ? 'The response is opaque: the browser lets no script read it. Fetch it with CORS.'
        : `${response.url || 'The response'} has the status ${response.status} ${response.statusText}. Check the address.`,
    );
  }
  if (response.bodyUsed || response.body?.locked) {
    throw new BodyAnalysisError(
      'source-closed',
      'The response was read already, or is being read. Hand in a `clone()` made before that.',
    );
  }
  try {
    return { kind: 'encoded', data: await response.blob() };
  } catch (cause) {
    throw new BodyAnalysisError('source-fetch', 'The response broke off. Fetch it again.', cause);
  }
}
