import type { Clip } from './clip.ts';
import { words } from '../words/words.ts';

/** Codecs in words that people may have seen. */
const CODECS: Readonly<Record<string, string>> = {
  hevc: 'HEVC (H.265)',
  avc: 'H.264',
  av1: 'AV1',
  vp9: 'VP9',
  vp8: 'VP8',
  mpeg4: 'MPEG-4',
  prores: 'ProRes',
};

/**
 * Resolves when the video shows its first frame.
 * @throws Error in words for the visitor, where it never will; the signal's reason when it is aborted
 */
export async function openInto(video: HTMLVideoElement, clip: Clip, signal: AbortSignal): Promise<void> {
  const settled = new AbortController();
  const listening = { once: true, signal: settled.signal } as const;
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), listening);
      video.addEventListener('loadeddata', () => resolve(), listening);
      video.addEventListener('error', () => reject(new Error('unplayable')), listening);
    });
  } catch {
    signal.throwIfAborted();
    await clip.isRead;
    signal.throwIfAborted();
    throw new Error(whyNot(clip), { cause: video.error });
  } finally {
    settled.abort();
  }
  if (video.videoWidth === 0) {
    throw new Error(words.video.noPicture(clip.file.name));
  }
}

function whyNot({ file, container }: Clip): string {
  const codec = container?.codec;
  if (codec === undefined) {
    return words.video.unplayable(file.name);
  }
  return words.video.unknownCodec(file.name, CODECS[codec] ?? codec);
}
