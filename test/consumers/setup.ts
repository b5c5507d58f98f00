import { makeCamera } from '../bench/camera.ts';
import { CAMERA, prepareWorkspace } from './workspace.ts';

/** Done once, before all tests. */
// oxlint-disable-next-line import/no-default-export -- Playwright asks for one
export default async function setup(): Promise<void> {
  prepareWorkspace();
  await makeCamera(CAMERA);
}
