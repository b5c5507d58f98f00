import { ShowError } from './show-error.ts';
import { words } from '../words/words.ts';

/**
 * Asks for a camera's picture.
 * @param deviceId the browser's choice where it is empty
 * @throws ShowError
 */
export async function openCamera(deviceId: string): Promise<MediaStream> {
  if (!isSecureContext) {
    throw new ShowError(words.live.insecure);
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: {
        width: { ideal: 640 },
        height: { ideal: 480 },
        ...(deviceId === '' ? { facingMode: 'user' } : { deviceId: { exact: deviceId } }),
      },
    });
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : '';
    const known: Readonly<Record<string, string>> = words.live.cameraErrors;
    throw new ShowError(known[name] ?? words.live.cameraFailed(String(cause)), { cause });
  }
}

/** The cameras there are; without names before the visitor has allowed one. */
export async function listCameras(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '');
}
