import { connectAddress } from './address-bar.ts';
import { Analyser } from './analyser.ts';
import { connectAnswerForms } from './answer-forms.ts';
import { Explanation } from './explanation.ts';
import { Gallery } from './gallery.ts';
import { Intake } from './intake.ts';
import { JsonView } from './json-view.ts';
import { Session } from './keeping/session.ts';
import { isAddressed, sampleIn } from './page-address.ts';
import { PersonList } from './person-list.ts';
import { SAMPLES } from './samples.ts';
import { connectSettings } from './settings.ts';
import { Stage } from './stage.ts';
import { Store } from './state.ts';
import { connectStatus } from './status.ts';
import { TakeAwayMenu } from './take-away/menu.ts';
import { Views } from './views/views.ts';

const store = new Store();
const analyser = new Analyser(store);
const session = new Session(store);
const { search } = location;
const writeAddress = connectAddress(store, analyser, isAddressed(search) ? search : session.search);
connectStatus(store, analyser);
connectSettings(store, analyser);
connectAnswerForms(store);
for (const part of [
  analyser,
  new Stage(store),
  new Gallery(store, analyser),
  new PersonList(store),
  new Explanation(store, analyser),
  new JsonView(store),
  new TakeAwayMenu(store),
  new Views(store, analyser),
]) {
  part.connect();
}
const intake = new Intake(store, analyser);
intake.connect();

const asked = SAMPLES.find(({ file }) => file === sampleIn(search));
if (await session.restore()) {
  writeAddress();
  if (store.state.photos.some(({ status }) => status === 'waiting')) await analyser.start();
  if (asked) await intake.openSample(asked);
} else {
  await intake.openSample(asked ?? SAMPLES[0]);
}
// After the first answer, as what follows.
void session.keep();

// After the first answer, so that keeping files does not take the line from loading the models.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  try {
    await navigator.serviceWorker.register('service-worker.js');
  } catch {
    // A browser that keeps nothing (a private window) only needs the network next time.
  }
}
