import { BACKENDS, DEFAULT_VALIDITY, QUALITIES } from 'body21';
import type { Analyser } from './analyser.ts';
import { byId } from './dom.ts';
import { MODEL_CHOICES } from './state.ts';
import type { Store } from './state.ts';

/**
 * Model, quality and backend, which mean a new analysis, and the filter's thresholds, which act on what is there.
 */
export function connectSettings(store: Store, analyser: Analyser): void {
  connectChoice(store, 'model', MODEL_CHOICES, (model) => analyser.use({ model }));
  connectChoice(store, 'quality', QUALITIES, (quality) => analyser.use({ quality }));
  connectChoice(store, 'backend', BACKENDS, (backend) => analyser.use({ backend }));

  connectSlider(store, 'keypointScore', 'keypoint-score');
  connectSlider(store, 'boxScore', 'box-score');
  byId('reset', HTMLButtonElement).addEventListener('click', () =>
    store.update({ thresholds: DEFAULT_VALIDITY }),
  );
}

function connectChoice<T extends string>(
  store: Store,
  id: 'model' | 'quality' | 'backend',
  names: readonly T[],
  choose: (name: T) => void,
): void {
  const select = byId(id, HTMLSelectElement);
  select.addEventListener('change', () => {
    const chosen = names.find((name) => name === select.value);
    if (chosen !== undefined) choose(chosen);
  });
  // The browser may have kept another choice over a reload.
  store.watch(
    (state) => [state[id]],
    (value) => {
      select.value = value;
    },
  );
}

function connectSlider(store: Store, name: 'keypointScore' | 'boxScore', id: string): void {
  const slider = byId(id, HTMLInputElement);
  const output = byId(`${id}-value`, HTMLElement);
  slider.addEventListener('input', () => {
    store.update({ thresholds: { ...store.state.thresholds, [name]: slider.valueAsNumber } });
  });
  store.watch(
    ({ thresholds }) => [thresholds[name]],
    (value) => {
      if (slider.valueAsNumber !== value) slider.valueAsNumber = value;
      output.textContent = value.toFixed(2);
    },
  );
}
