// Defines the elements of counting; loaded when the first of them is needed.
import { CorrectFigure } from "./correct";
import { CountProgress } from "./progress";

const ELEMENTS: Record<string, CustomElementConstructor> = {
  "count-correct": CorrectFigure,
  "count-progress": CountProgress,
};

for (const [name, element] of Object.entries(ELEMENTS)) if (!customElements.get(name)) customElements.define(name, element);
