"""Pictures of answers: as SVG, drawn here, and as Vega-Lite specifications; plain functions of an answer's document."""
