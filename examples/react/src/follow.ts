import { BodyAnalysisClient, filterValidPersons, SkeletonOverlay } from 'body21';

/** What the app is told meanwhile. */
export interface Listener {
  /** What is going on, in a few words: seldom. */
  status: (text: string) => void;
  /** Who is in the picture: with every frame. */
  people: (text: string) => void;
}

/**
 * Shows the camera in `video`, with everyone's skeleton over it, until `signal` is aborted. Whatever it has started,
 * it ends.
 * @throws the signal's reason, or what is wrong with the camera or the library
 */
export async function follow(video: HTMLVideoElement, signal: AbortSignal, tell: Listener): Promise<void> {
  tell.status('Waiting for the camera …');
  const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  let client: BodyAnalysisClient | undefined;
  let overlay: SkeletonOverlay | undefined;
  try {
    signal.throwIfAborted();
    video.srcObject = camera;
    await video.play();
    client = await BodyAnalysisClient.create({
      model: 'lite',
      // What a photo needs beside it is not loaded then.
      quality: 'fast',
      signal,
      onProgress: ({ loaded, total }) => tell.status(`Loading: ${Math.round((100 * loaded) / total)} %`),
    });
    overlay = new SkeletonOverlay(video, { mirror: true, labels: true });
    tell.status('Following whoever is in view.');
    let frames = 0;
    for await (const { result, frame } of client.track(video, { signal, keepFrame: true })) {
      const people = filterValidPersons(result);
      overlay.show(people, frame);
      frames += 1;
      const numbers = people.person_info.map(({ track_id }) => track_id);
      tell.people(`Frame ${frames}: ${numbers.length === 0 ? 'nobody' : `no. ${numbers.join(', ')}`}`);
    }
    throw new Error('The camera has stopped.');
  } finally {
    overlay?.dispose();
    client?.dispose();
    for (const track of camera.getTracks()) track.stop();
    if (video.srcObject === camera) video.srcObject = null;
  }
}
