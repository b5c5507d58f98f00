import { checkTypes, installTools } from '../../scripts/tools.ts';
import { makeCamera } from '../bench/camera.ts';
import { CAMERA, prepareWorkspace } from './workspace.ts';

/** Done once, before all tests: their apps have the types of the packed package, as an app has them. */
// oxlint-disable-next-line import/no-default-export -- Playwright asks for one
export default async function setup(): Promise<void> {
  installTools('test/consumers');
  prepareWorkspace();
  checkTypes('test/consumers');
  await makeCamera(CAMERA);
}
