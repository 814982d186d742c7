/** While a problem is typed, show what others asked before. Without this, a button does the same. */

const WAIT = 700;
const LEAST = 4;

for (const form of document.querySelectorAll("form[data-tell]")) start(form);

function start(form) {
  const place = form.querySelector("[data-tell-answers]");
  let timer = 0;
  let last = "";
  const ask = async () => {
    const words = `${form.elements.title.value} ${form.elements.description.value}`.trim().slice(0, 120);
    if (words.length < LEAST || words === last) return;
    last = words;
    const address = new URL(form.dataset.answers, location.href);
    address.searchParams.set("q", words);
    try {
      const answer = await fetch(address, { credentials: "omit" });
      if (!answer.ok || words !== last) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...page.body.childNodes);
    } catch {
      // Without a line there is nothing to offer; the form still works.
    }
  };
  for (const name of ["title", "description"]) {
    form.elements[name].addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
  }
}
