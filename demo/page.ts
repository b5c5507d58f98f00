import { connectAddress } from './address-bar.ts';
import type { Analyser } from './analyser.ts';
import { connectAnswerForms } from './answer-forms.ts';
import { Explanation } from './explanation.ts';
import { Gallery } from './gallery.ts';
import { Intake } from './intake.ts';
import { JsonView } from './json-view.ts';
import type { Session } from './keeping/session.ts';
import { sampleIn } from './page-address.ts';
import { PersonList } from './person-list.ts';
import { SAMPLES } from './samples.ts';
import { connectSettings } from './settings.ts';
import { Sheet } from './sheet.ts';
import { Stage } from './stage.ts';
import type { Store } from './state.ts';
import { connectStatus } from './status.ts';
import { TakeAwayMenu } from './take-away/menu.ts';
import { Views } from './views/views.ts';

/** Connects all that is seen, and opens what was there before or a sample. Resolves when that is analysed. */
export async function openPage(store: Store, analyser: Analyser, session: Session): Promise<void> {
  const asked = SAMPLES.find(({ file }) => file === sampleIn(location.search));
  const writeAddress = connectAddress(store, analyser);
  connectStatus(store, analyser);
  connectSettings(store, analyser);
  connectAnswerForms(store);
  for (const part of [
    new Stage(store),
    new Gallery(store, analyser),
    new PersonList(store),
    new Explanation(store, analyser),
    new JsonView(store),
    new TakeAwayMenu(store),
    new Views(store, analyser),
    new Sheet(store),
  ]) {
    part.connect();
  }
  const intake = new Intake(store, analyser);
  intake.connect();
  if (await session.restore()) {
    writeAddress();
    if (store.state.photos.some(({ status }) => status === 'waiting')) await analyser.start();
    if (asked) await intake.openSample(asked);
  } else {
    await intake.openSample(asked ?? SAMPLES[0]);
  }
}
