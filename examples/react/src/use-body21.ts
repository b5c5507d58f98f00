import { BodyAnalysisClient } from 'body21';
import type { BodyAnalysisClientOptions, BodyAnalysisResult, KeptVideoFrame, LoadProgress } from 'body21';
import { useEffect, useState } from 'react';
import type { RefObject } from 'react';

/** A client: on its way, there, or not to be had. */
export interface ClientState {
  client?: BodyAnalysisClient | undefined;
  /** How far loading has come, while something waits for it. */
  progress?: LoadProgress | undefined;
  error?: Error | undefined;
}

/**
 * A client with its worker, for as long as the component is shown. One is enough for a whole app.
 * @param options those of the first rendering count
 */
export function useClient(options: BodyAnalysisClientOptions): ClientState {
  const [first] = useState(options);
  const [state, setState] = useState<ClientState>({});

  useEffect(() => {
    const end = new AbortController();
    const { signal } = end;
    // What was started and left, as StrictMode does it once, has nothing to say any more.
    const tell = (news: ClientState) => {
      if (!signal.aborted) setState((known) => ({ ...known, ...news }));
    };
    const creating = BodyAnalysisClient.create({
      ...first,
      signal,
      onProgress: (progress) => tell({ progress: progress.phase === 'ready' ? undefined : progress }),
    });
    creating.then(
      (client) => tell({ client }),
      (error: unknown) => tell({ error: asError(error) }),
    );
    return () => {
      end.abort();
      setState({});
      creating.then(
        (client) => client.dispose(),
        () => {},
      );
    };
  }, [first]);

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
export function usePhoto(client: BodyAnalysisClient | undefined, photo: Blob | undefined): PhotoState {
  const [state, setState] = useState<PhotoState>({});

  useEffect(() => {
    if (!client || !photo) return undefined;
    const end = new AbortController();
    const { signal } = end;
    const look = async () => {
      try {
        const result = await client.bodyAnalysis(photo, { signal });
        if (!signal.aborted) setState({ photo, result });
      } catch (error) {
        if (!signal.aborted) setState({ photo, error: asError(error) });
      }
    };
    void look();
    return () => end.abort();
  }, [client, photo]);

  return state;
}

/** How it stands with the camera. */
export interface CameraState {
  isOn: boolean;
  error?: Error;
}

/**
 * Shows the camera in a video element and follows everyone before it, for as long as the component is shown.
 * @param onFrame given every frame; the same function from one rendering to the next
 */
export function useCamera(
  client: BodyAnalysisClient | undefined,
  video: RefObject<HTMLVideoElement | null>,
  onFrame: (frame: KeptVideoFrame) => void,
): CameraState {
  const [state, setState] = useState<CameraState>({ isOn: false });

  useEffect(() => {
    const element = video.current;
    if (!client || !element) return undefined;
    const end = new AbortController();
    const { signal } = end;
    const follow = async () => {
      const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
      try {
        signal.throwIfAborted();
        element.srcObject = camera;
        await element.play();
        setState({ isOn: true });
        for await (const frame of client.track(element, { signal, keepFrame: true })) onFrame(frame);
        throw new Error('The camera has stopped.');
      } finally {
        for (const track of camera.getTracks()) track.stop();
        if (element.srcObject === camera) element.srcObject = null;
      }
    };
    follow().catch((error: unknown) => {
      if (!signal.aborted) setState({ isOn: false, error: asError(error) });
    });
    return () => end.abort();
  }, [client, video, onFrame]);

  return state;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
