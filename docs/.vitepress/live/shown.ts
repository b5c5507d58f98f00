/** Examples that one build makes pages of for the site. */
export const BUILT_TOGETHER = ['vite', 'react', 'vue', 'svelte'] as const;
/** All that the site shows live: `html` needs no build. */
export const SHOWN_LIVE = [...BUILT_TOGETHER, 'html'] as const;
