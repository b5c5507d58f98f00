import { Analyser } from './analyser.ts';
import { Explanation } from './explanation.ts';
import { Gallery } from './gallery.ts';
import { Intake } from './intake.ts';
import { JsonView } from './json-view.ts';
import { PersonList } from './person-list.ts';
import { SAMPLES } from './samples.ts';
import { connectSettings } from './settings.ts';
import { Stage } from './stage.ts';
import { Store } from './state.ts';
import { connectStatus } from './status.ts';

const store = new Store();
const analyser = new Analyser(store);
connectStatus(store, analyser);
connectSettings(store, analyser);
for (const view of [
  new Stage(store),
  new Gallery(store, analyser),
  new PersonList(store),
  new Explanation(store, analyser),
  new JsonView(store),
]) {
  view.connect();
}
const intake = new Intake(store, analyser);
intake.connect();

await intake.openSample(SAMPLES[0]);

// After the first answer, so that keeping files does not take the line from loading the models.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  try {
    await navigator.serviceWorker.register('service-worker.js');
  } catch {
    // A browser that keeps nothing (a private window) only needs the network next time.
  }
}
