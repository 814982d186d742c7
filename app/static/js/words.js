/** The sentences that scripts say, in the language of the page: `<body data-bh-words>`. */

const words = JSON.parse(document.body.dataset.bhWords || "{}");

/** Return the sentence `name` with its {places} filled from `values`. */
export function say(name, values = {}) {
  return (words[name] ?? "").replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** Return an instant as hours and minutes, with the day before it when it is not today. */
export function shortTime(milliseconds) {
  const at = new Date(milliseconds);
  const time = `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
  const today = at.toDateString() === new Date().toDateString();
  return today ? time : `${at.getMonth() + 1}-${at.getDate()} ${time}`;
}

/** Make an element: `make("p", {class: "bh-note"}, "text", child)`. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Make a note like the macro of that name. */
export function note(colour, icon, text, ...more) {
  const body = make("div", { class: "bh-flow" }, make("span", {}, text), ...more);
  return make(
    "div",
    { class: `bh-note bh-note-${colour}`, role: colour === "red" ? "alert" : "status" },
    make("i", { class: `bi bi-${icon}`, "aria-hidden": "true" }),
    body,
  );
}
