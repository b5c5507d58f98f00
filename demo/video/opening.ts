import type { Clip } from './clip.ts';

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
    throw new Error(`${clip.file.name} has no picture that this browser can show. Choose another video.`);
  }
}

function whyNot({ file, container }: Clip): string {
  const codec = container?.codec;
  if (codec === undefined) {
    return `${file.name} is not a video that this browser can play. Choose another, such as an MP4 or a WebM.`;
  }
  return `This browser cannot play ${file.name}: its picture is encoded as ${CODECS[codec] ?? codec}. Save it as an MP4 with H.264 (many apps call that “most compatible”), or try another browser.`;
}
