// What browsers have and jsdom lacks.
Object.defineProperty(navigator, 'clipboard', { value: {} });
