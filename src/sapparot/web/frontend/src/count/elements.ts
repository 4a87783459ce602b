// Defines the elements of counting; loaded when the first of them is needed.
import { CountCamera } from "./camera";
import { CorrectFigure } from "./correct";
import { CountFinal } from "./final";
import { CountPhotographs } from "./photographs";
import { CountProgress } from "./progress";

const ELEMENTS: Record<string, CustomElementConstructor> = {
  "count-camera": CountCamera,
  "count-correct": CorrectFigure,
  "count-final": CountFinal,
  "count-photographs": CountPhotographs,
  "count-progress": CountProgress,
};

for (const [name, element] of Object.entries(ELEMENTS)) if (!customElements.get(name)) customElements.define(name, element);
