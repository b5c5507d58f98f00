import { ShowError } from './show-error.ts';

const WORDS: Readonly<Record<string, string>> = {
  NotFoundError: 'No camera was found. Connect one, or play the sample clip.',
  OverconstrainedError: 'The chosen camera is not there any more. Choose another one.',
  NotAllowedError:
    "The browser may not use the camera. Allow it for this page (beside the address, or in the system's settings), and start again.",
  NotReadableError: 'Another app is using the camera. Close that app, and start again.',
  AbortError: 'The camera did not start. Close other apps that use it, and start again.',
};

/**
 * Asks for a camera's picture.
 * @param deviceId the browser's choice where it is empty
 * @throws ShowError
 */
export async function openCamera(deviceId: string): Promise<MediaStream> {
  if (!isSecureContext) {
    throw new ShowError(
      'Browsers give cameras to secure pages only: open this one over https or on localhost.',
    );
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
    const words = WORDS[name] ?? `The camera could not be started: ${String(cause)}`;
    throw new ShowError(words, { cause });
  }
}

/** The cameras there are; without names before the visitor has allowed one. */
export async function listCameras(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '');
}
