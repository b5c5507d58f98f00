import { BodyAnalysisClient } from 'body21';
import type { BodyAnalysisClientOptions, BodyAnalysisResult, KeptVideoFrame, LoadProgress } from 'body21';

/** A client: on its way, there, or not to be had. */
export interface ClientState {
  readonly client: BodyAnalysisClient | undefined;
  /** How far loading has come, while something waits for it. */
  readonly progress: LoadProgress | undefined;
  readonly error: Error | undefined;
}

/** A client with its worker, for as long as the component is shown. One is enough for a whole app. */
export function useClient(options: BodyAnalysisClientOptions): ClientState {
  let client = $state.raw<BodyAnalysisClient>();
  let progress = $state.raw<LoadProgress>();
  let error = $state.raw<Error>();
  $effect(() => {
    const end = new AbortController();
    const creating = BodyAnalysisClient.create({
      ...options,
      signal: end.signal,
      onProgress: (news) => {
        progress = news.phase === 'ready' ? undefined : news;
      },
    });
    const open = async () => {
      try {
        client = await creating;
      } catch (reason) {
        if (!end.signal.aborted) error = asError(reason);
      }
    };
    void open();
    return () => {
      end.abort();
      creating.then(
        (created) => created.dispose(),
        () => {},
      );
    };
  });
  return {
    get client() {
      return client;
    },
    get progress() {
      return progress;
    },
    get error() {
      return error;
    },
  };
}

/** Everyone in a photo, once that is known. */
export interface PhotoState {
  /** What was looked at: another photo may have been chosen since. */
  photo?: Blob;
  result?: BodyAnalysisResult;
  error?: Error;
}

/** Everyone in a photo. A later one takes the place of one that is under way. */
export function usePhoto(
  client: () => BodyAnalysisClient | undefined,
  photo: () => Blob | undefined,
): { readonly now: PhotoState } {
  let now = $state.raw<PhotoState>({});
  $effect(() => {
    const [asked, wanted] = [client(), photo()];
    if (!asked || !wanted) return undefined;
    const end = new AbortController();
    const look = async () => {
      try {
        const result = await asked.bodyAnalysis(wanted, { signal: end.signal });
        if (!end.signal.aborted) now = { photo: wanted, result };
      } catch (error) {
        if (!end.signal.aborted) now = { photo: wanted, error: asError(error) };
      }
    };
    void look();
    return () => end.abort();
  });
  return {
    get now() {
      return now;
    },
  };
}

/** How it stands with the camera. */
export interface CameraState {
  isOn: boolean;
  error?: Error;
}

/**
 * Shows the camera in a video element and follows everyone before it, for as long as the component is shown.
 * @param onFrame given every frame
 */
export function useCamera(
  client: () => BodyAnalysisClient | undefined,
  video: () => HTMLVideoElement | undefined,
  onFrame: (frame: KeptVideoFrame) => void,
): { readonly now: CameraState } {
  let now = $state.raw<CameraState>({ isOn: false });
  $effect(() => {
    const [asked, element] = [client(), video()];
    if (!asked || !element) return undefined;
    const end = new AbortController();
    const { signal } = end;
    const follow = async () => {
      const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
      try {
        signal.throwIfAborted();
        element.srcObject = camera;
        await element.play();
        now = { isOn: true };
        for await (const frame of asked.track(element, { signal, keepFrame: true })) onFrame(frame);
        throw new Error('The camera has stopped.');
      } finally {
        for (const track of camera.getTracks()) track.stop();
        if (element.srcObject === camera) element.srcObject = null;
      }
    };
    follow().catch((error: unknown) => {
      if (!signal.aborted) now = { isOn: false, error: asError(error) };
    });
    return () => end.abort();
  });
  return {
    get now() {
      return now;
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
