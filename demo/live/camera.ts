import { NoCameraError, ShowError } from './show-error.ts';
import { words } from '../words/words.ts';

/** Where a camera looks: at whoever holds the phone, or away from them. */
export type Facing = 'user' | 'environment';

/**
 * Asks for a camera's picture.
 * @param choice a camera's `deviceId`, or where it should look; the browser's choice where it is empty
 * @throws ShowError
 */
export async function openCamera(choice: string): Promise<MediaStream> {
  if (!isSecureContext) throw new ShowError(words.live.insecure);
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { width: { ideal: 640 }, height: { ideal: 480 }, ...wanted(choice) },
    });
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : '';
    const known: Readonly<Record<string, string>> = words.live.cameraErrors;
    const why = known[name] ?? words.live.cameraFailed(String(cause));
    throw name === 'NotFoundError' ? new NoCameraError(why, { cause }) : new ShowError(why, { cause });
  }
}

function wanted(choice: string): MediaTrackConstraints {
  if (choice === '') return { facingMode: 'user' };
  // As far as there is one: on a laptop the one camera serves both.
  if (choice === 'user' || choice === 'environment') return { facingMode: choice };
  return { deviceId: { exact: choice } };
}

/** The cameras there are; without names and ids before the visitor has allowed one. */
export async function listCameras(): Promise<MediaDeviceInfo[]> {
  // Browsers do not give it to pages that are not secure.
  const devices: Partial<MediaDevices> | undefined = navigator.mediaDevices;
  const all = (await devices?.enumerateDevices?.()) ?? [];
  return all.filter(({ kind }) => kind === 'videoinput');
}

/** What a camera that runs tells of itself. */
export function settingsOf(stream: MediaStream): { deviceId: string; facing: Facing | undefined } {
  const { deviceId = '', facingMode } = stream.getVideoTracks()[0]?.getSettings() ?? {};
  const facing = facingMode === 'user' || facingMode === 'environment' ? facingMode : undefined;
  return { deviceId, facing };
}

/**
 * The camera to go on to: on a phone the one that looks the other way, else the next one.
 * @param now the one that runs
 * @returns a choice for {@link openCamera}
 */
export function otherCamera(
  now: { deviceId: string; facing: Facing | undefined },
  cameras: readonly Pick<MediaDeviceInfo, 'deviceId'>[],
): string {
  if (now.facing) return now.facing === 'user' ? 'environment' : 'user';
  const at = cameras.findIndex(({ deviceId }) => deviceId === now.deviceId);
  return cameras[(at + 1) % cameras.length]?.deviceId ?? '';
}
