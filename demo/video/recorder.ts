import { create } from '../dom.ts';
import type { Painted, PaintRequest } from './painted.ts';

/** What is played in most places comes first. */
const TYPES = ['video/mp4;codecs=avc1.64002a', 'video/mp4', 'video/webm;codecs=vp9', 'video/webm'];

/** Enough for what moves little, in bits a second for each pixel. */
const BITS_A_PIXEL = 4;

/**
 * Draws on a video while it plays, and records that: where the browser has no encoder for single frames. It
 * takes as long as the video does, and a device that is too slow leaves frames out.
 * @param url of the video
 * @returns `undefined` where the browser records nothing
 * @throws the signal's reason when it is aborted
 */
export async function recordVideo(url: string, request: PaintRequest): Promise<Painted | undefined> {
  const { width, height, paint, signal, onProgress } = request;
  const type =
    'MediaRecorder' in globalThis ? TYPES.find((name) => MediaRecorder.isTypeSupported(name)) : undefined;
  const canvas = create('canvas', { width, height });
  const context = canvas.getContext('2d', { alpha: false });
  if (type === undefined || !context || !('captureStream' in canvas)) return undefined;
  const video = create('video', { muted: true, playsInline: true });
  let frames = 0;
  const draw = (time: number) => {
    context.drawImage(video, 0, 0, width, height);
    paint(context, time);
    frames++;
    onProgress(time / request.duration);
  };
  const listen = () => {
    video.requestVideoFrameCallback((_now, { mediaTime }) => {
      draw(mediaTime * 1000);
      listen();
    });
  };
  const once = (name: string) =>
    new Promise((resolve) => video.addEventListener(name, resolve, { once: true, signal }));
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const pieces: Blob[] = [];
  try {
    signal.throwIfAborted();
    const ready = once('loadeddata');
    video.src = url;
    await Promise.race([ready, aborted]);
    listen();
    const stream = canvas.captureStream();
    const recorder = new MediaRecorder(stream, {
      mimeType: type,
      videoBitsPerSecond: BITS_A_PIXEL * width * height,
    });
    recorder.addEventListener('dataavailable', ({ data }) => pieces.push(data));
    const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }));
    const ended = once('ended');
    recorder.start();
    try {
      await Promise.race([video.play().then(() => ended), aborted]);
    } finally {
      recorder.stop();
      for (const track of stream.getTracks()) track.stop();
    }
    await Promise.race([stopped, aborted]);
  } finally {
    video.removeAttribute('src');
    video.load();
  }
  const [plainType = ''] = type.split(';');
  const extension = plainType.replace('video/', '');
  return { blob: new Blob(pieces, { type: plainType }), extension, frames, isMute: true };
}
