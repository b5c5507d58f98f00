import { DEFAULT_VALIDITY, LANDMARK_MODELS } from 'body21';
import type { Analyser } from './analyser.ts';
import { byId } from './dom.ts';
import type { Store } from './state.ts';

/** The model, which means a new analysis, and the filter's thresholds, which act on what is there. */
export function connectSettings(store: Store, analyser: Analyser): void {
  const select = byId('model', HTMLSelectElement);
  select.addEventListener('change', () => {
    const model = LANDMARK_MODELS.find((name) => name === select.value);
    if (model) analyser.useModel(model);
  });
  // The browser may have kept another choice over a reload.
  select.value = store.state.model;

  connectSlider(store, 'keypointScore', 'keypoint-score');
  connectSlider(store, 'boxScore', 'box-score');
  byId('reset', HTMLButtonElement).addEventListener('click', () =>
    store.update({ thresholds: DEFAULT_VALIDITY }),
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
