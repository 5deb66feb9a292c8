// @ts-check
// Follows an order's events and renews the parts of the page that changed. The page is whole without it.

const journey = document.getElementById("journey");
const live = document.getElementById("live");

/** @param {boolean} on */
function showLive(on) {
  if (!live) return;
  live.hidden = false;
  live.classList.toggle("off", !on);
  const text = live.querySelector(".live-text");
  if (text) text.textContent = (on ? live.dataset.on : live.dataset.off) ?? "";
}

/** @param {ParentNode} root */
function revisionOf(root) {
  const hero = root.querySelector("[data-revision]");
  return hero instanceof HTMLElement ? Number(hero.dataset.revision) : 0;
}

/** @param {Element} from @param {Element | null} to */
function replace(from, to) {
  if (!to || from.innerHTML === to.innerHTML) return false;
  const open = [...from.querySelectorAll("details")].map((d) => d.open);
  from.replaceChildren(...to.childNodes);
  from.querySelectorAll("details").forEach((d, i) => { d.open = open[i] ?? false; });
  return true;
}

/** Announces the headline to those who do not see the page. @param {Document} fresh */
function announce(fresh) {
  const region = document.getElementById("announce");
  const headline = fresh.querySelector("h1")?.textContent ?? "";
  if (region) region.textContent = (region.dataset.text ?? "").replace("{headline}", headline);
  document.title = fresh.title;
}

let renewing = false;
let again = false;

async function renew() {
  if (renewing) { again = true; return; }
  renewing = true;
  try {
    const response = await fetch(location.pathname + location.search, { headers: { accept: "text/html" } });
    if (response.ok && journey) {
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      if (replace(journey, fresh.getElementById("journey"))) announce(fresh);
      for (const part of document.querySelectorAll("[data-part]")) {
        if (part instanceof HTMLElement) replace(part, fresh.querySelector(`[data-part="${part.dataset.part}"]`));
      }
      const survey = fresh.getElementById("survey");
      const history = document.querySelector('[data-part="history"]');
      if (survey && history && !document.getElementById("survey")) history.before(survey);
    }
  } finally {
    renewing = false;
    if (again) { again = false; setTimeout(renew, 300); }
  }
}

if (journey instanceof HTMLElement && journey.dataset.events) {
  const source = new EventSource(journey.dataset.events);
  source.onopen = () => showLive(true);
  source.onerror = () => showLive(false);
  source.addEventListener("progress", (event) => {
    if (event instanceof MessageEvent && Number(event.lastEventId) > revisionOf(document)) renew();
  });
  addEventListener("pagehide", () => source.close());
}
