import { BodyAnalysisClient } from 'body21';
import type { BodyAnalysisClientOptions, BodyAnalysisResult, KeptVideoFrame, LoadProgress } from 'body21';
import { onScopeDispose, shallowReactive, shallowRef, watchEffect } from 'vue';
import type { ShallowReactive, ShallowRef } from 'vue';

/** A client: on its way, there, or not to be had. */
export interface ClientState {
  client?: BodyAnalysisClient | undefined;
  /** How far loading has come, while something waits for it. */
  progress?: LoadProgress | undefined;
  error?: Error | undefined;
}

/** A client with its worker, for as long as the component is shown. One is enough for a whole app. */
export function useClient(options: BodyAnalysisClientOptions): ShallowReactive<ClientState> {
  const state = shallowReactive<ClientState>({});
  const end = new AbortController();
  const creating = BodyAnalysisClient.create({
    ...options,
    signal: end.signal,
    onProgress: (progress) => {
      state.progress = progress.phase === 'ready' ? undefined : progress;
    },
  });
  const open = async () => {
    try {
      state.client = await creating;
    } catch (error) {
      state.error = asError(error);
    }
  };
  void open();
  onScopeDispose(() => {
    end.abort();
    creating.then(
      (client) => client.dispose(),
      () => {},
    );
  });
  return state;
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
): Readonly<ShallowRef<PhotoState>> {
  const state = shallowRef<PhotoState>({});
  watchEffect(async (onCleanup) => {
    const [asked, wanted] = [client(), photo()];
    if (!asked || !wanted) return;
    const end = new AbortController();
    onCleanup(() => end.abort());
    try {
      const result = await asked.bodyAnalysis(wanted, { signal: end.signal });
      if (!end.signal.aborted) state.value = { photo: wanted, result };
    } catch (error) {
      if (!end.signal.aborted) state.value = { photo: wanted, error: asError(error) };
    }
  });
  return state;
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
  video: Readonly<ShallowRef<HTMLVideoElement | null>>,
  onFrame: (frame: KeptVideoFrame) => void,
): Readonly<ShallowRef<CameraState>> {
  const state = shallowRef<CameraState>({ isOn: false });
  watchEffect(async (onCleanup) => {
    const [asked, element] = [client(), video.value];
    if (!asked || !element) return;
    const end = new AbortController();
    onCleanup(() => end.abort());
    try {
      const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
      try {
        end.signal.throwIfAborted();
        element.srcObject = camera;
        await element.play();
        state.value = { isOn: true };
        for await (const frame of asked.track(element, { signal: end.signal, keepFrame: true }))
          onFrame(frame);
        throw new Error('The camera has stopped.');
      } finally {
        for (const track of camera.getTracks()) track.stop();
        if (element.srcObject === camera) element.srcObject = null;
      }
    } catch (error) {
      if (!end.signal.aborted) state.value = { isOn: false, error: asError(error) };
    }
  });
  return state;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
