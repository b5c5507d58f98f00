import { plainCanvas } from './pictures.ts';

/** A canvas that shows a picture, drawn anew all the time so that its stream goes on. */
export function liveCanvas(picture: ImageBitmap): { canvas: HTMLCanvasElement; stop: () => void } {
  const canvas = plainCanvas(picture.width, picture.height);
  const context = canvas.getContext('2d');
  const draw = () => context?.drawImage(picture, 0, 0);
  draw();
  const timer = setInterval(draw, 20);
  return { canvas, stop: () => clearInterval(timer) };
}

/** The sample clip's two people, from that second of its five on. */
export async function sampleVideo(fromSecond: number): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.src = '/samples/crossing.webm';
  await sought(video, fromSecond);
  return video;
}

/** Moves a video to that second, and waits until its frame is there. */
export async function sought(video: HTMLVideoElement, seconds: number): Promise<void> {
  const isSought = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
  video.currentTime = seconds;
  await isSought;
  // On a busy machine the frame may come after the event.
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA)
    await new Promise((resolve) => video.addEventListener('canplay', resolve, { once: true }));
}
