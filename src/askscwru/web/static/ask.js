// What the page does beyond links and forms, all of which work without this: answers arrive without
// a reload, evidence changes beside the conversation, and there are buttons to copy. The server
// renders everything; this only puts it in its place. Nothing is built, and nothing else is loaded.

const PART = { headers: { "X-Part": "1", Accept: "text/html" }, credentials: "same-origin" };
const STYLE = "askscwru.style";
const talk = document.getElementById("turns");
const form = document.getElementById("ask");
const field = document.getElementById("question");
let line = Promise.resolve(); // questions are answered in the order in which they were asked
let waiting = 0;
let seen = location.search;

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function say(words) {
  const status = document.getElementById("status");
  if (status) status.textContent = words;
}

// -- asking -------------------------------------------------------------------------------------

function fieldsOf(from, question) {
  const fields = new URLSearchParams(new FormData(from));
  fields.set("question", question);
  // The conversation may have begun since this form was drawn.
  const known = form?.querySelector("[name=conversation]");
  if (known) fields.set("conversation", known.value);
  return fields;
}

function ask(from, question) {
  const pending = element("article", { className: "turn" },
    element("h2", { className: "asked", dir: "auto", textContent: question }));
  const late = setTimeout(() => {
    pending.append(element("p", { className: "waiting", textContent: "Reading the posts …" }));
  }, 300);
  clearProblem();
  document.querySelector(".try")?.remove();
  talk.append(pending);
  pending.scrollIntoView({ block: "end" });
  waiting += 1;
  line = line.then(async () => {
    try {
      await answered(fieldsOf(from, question), pending);
    } catch {
      refused(pending, question, "The service cannot be reached. Try again when it is up.");
    } finally {
      clearTimeout(late);
      waiting -= 1;
    }
  });
}

async function answered(fields, pending) {
  const response = await fetch(form.action, { ...PART, method: "POST", body: fields });
  const page = parsed(await response.text());
  const problem = page.querySelector(".problem");
  if (!response.ok) {
    refused(pending, fields.get("question"), problem?.textContent ?? "That did not work.");
    return;
  }
  const where = new URL(response.headers.get("X-Location"), location.href);
  if (document.body.classList.contains("beginning")) begun();
  const turn = page.querySelector(".turn");
  pending.replaceWith(turn);
  setEvidence(page);
  for (const id of ["held", "after"]) document.getElementById(id).replaceWith(page.getElementById(id));
  keep("conversation", where.searchParams.get("conversation"));
  go(where);
  document.title = `${turn.querySelector(".asked").textContent} – askscwru`;
  dress(turn);
  const told = turn.querySelector("blockquote, .said")?.textContent ?? "";
  say(`${told} ${turn.querySelector(".confidence")?.textContent ?? ""}`);
  if (waiting === 1) turn.scrollIntoView({ block: "start" });
}

// The first answer makes a page of its own of what was the first sight.
function begun() {
  document.body.classList.replace("beginning", "talking");
  document.querySelector(".about")?.remove();
  document.querySelector(".lead")?.remove();
  const heading = document.querySelector("h1");
  heading.className = "quiet";
  heading.textContent = "Conversation";
  document.getElementById("main").append(element("section", { id: "evidence" }));
  field.placeholder = "Ask on …";
}

function refused(pending, question, why) {
  pending.remove();
  clearProblem();
  // (“form.before” would be the field of that name)
  field.closest(".line").before(element("p", { className: "problem", role: "alert", textContent: why }));
  if (!field.value) field.value = question;
}

function clearProblem() {
  document.querySelector("main .problem")?.remove();
}

function keep(name, value) {
  let hidden = form.querySelector(`[name=${name}]`);
  if (!hidden) {
    hidden = element("input", { type: "hidden", name });
    form.append(hidden);
  }
  hidden.value = value;
}

document.addEventListener("submit", (event) => {
  const sent = event.target;
  if (!form || sent.method !== "post" || sent.action !== form.action) return;
  event.preventDefault();
  const button = event.submitter;
  const question = button?.name === "question" ? button.value : field.value;
  if (!question.trim()) return;
  ask(sent.closest(".turn") ? sent : form, question);
  if (button?.name !== "question") field.value = "";
  field.focus({ preventScroll: true });
});

// -- evidence -----------------------------------------------------------------------------------

function setEvidence(page) {
  const now = document.getElementById("evidence");
  const next = page.getElementById("evidence");
  if (!next) return;
  now?.replaceWith(next);
  dressEvidence(next);
  const mark = next.querySelector("#quote");
  // Only the evidence itself is moved, and only where it has a height of its own.
  if (mark && getComputedStyle(next).overflowY === "auto") {
    next.scrollTop = mark.offsetTop - next.clientHeight / 3;
  }
}

async function show(href, step) {
  const response = await fetch(href, PART);
  if (!response.ok) {
    location.assign(href);
    return;
  }
  const page = parsed(await response.text());
  setEvidence(page);
  chosen(href);
  const evidence = document.getElementById("evidence");
  const again = step && evidence.querySelector(`[data-step=${step}]`);
  (again || evidence).focus({ preventScroll: true });
  if (getComputedStyle(evidence).overflowY !== "auto") {
    (evidence.querySelector("#quote") ?? evidence).scrollIntoView({ block: "center" });
  }
}

function chosen(href) {
  const path = new URL(href, location.href).search;
  for (const link of document.querySelectorAll(".ref")) {
    link.classList.toggle("chosen", new URL(link.href).search === path);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.dataset.part === "evidence") {
    event.preventDefault();
    go(link.href);
    show(link.href, link.dataset.step).catch(() => location.assign(link.href));
  } else if (link.dataset.edit && field) {
    event.preventDefault();
    field.value = link.dataset.edit;
    field.focus();
    field.select();
  }
});

function go(where) {
  history.pushState(null, "", where);
  seen = location.search;
}

// Back and forward: the server knows what stood there. A link within the page changes nothing.
addEventListener("popstate", () => {
  if (location.search !== seen) location.reload();
});

// -- copying ------------------------------------------------------------------------------------

async function copy(button, words) {
  const before = button.textContent;
  button.textContent = (await copied(words)) ? "Copied" : "Not copied: select the words instead";
  say(button.textContent);
  setTimeout(() => { button.textContent = before; }, 1500);
}

async function copied(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    // Pages that are neither https nor of this machine have no clipboard; the old way still works.
    const area = element("textarea", { value: words, className: "quiet", ariaHidden: "true" });
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return done;
  }
}

function copier(label, words) {
  const button = element("button", { type: "button", className: "plain", textContent: label });
  button.addEventListener("click", () => copy(button, words()));
  return button;
}

function answerOf(turn) {
  const lines = [...turn.querySelectorAll("blockquote p, .said, .posts li")].map(shown);
  const sources = [...turn.querySelectorAll(".sources li")].map((source) =>
    `[${source.value}] ${source.querySelector(".reference").textContent}`);
  return [...lines, ...(sources.length ? ["", ...sources] : [])].join("\n");
}

function shown(node) {
  return node.textContent.replace(/\s+/g, " ").trim();
}

function dress(turn) {
  const tools = turn.querySelector(".tools");
  if (!tools || tools.children.length || turn.classList.contains("reply")) return;
  tools.hidden = false;
  tools.append(copier("Copy the answer", () => answerOf(turn)));
}

function dressEvidence(evidence) {
  const written = [...evidence.querySelectorAll(".written")];
  if (!written.length) return;
  const styles = element("select", { ariaLabel: "Style of the reference" });
  for (const one of written) {
    styles.append(element("option", { value: one.dataset.style, textContent: one.dataset.name }));
  }
  const known = remembered();
  if (written.some((one) => one.dataset.style === known)) styles.value = known;
  styles.addEventListener("change", () => remember(styles.value));
  const place = () => evidence.querySelector("[data-link]")?.href ?? location.href;
  evidence.querySelector(".cite").before(element("p", { className: "copying" },
    copier("Copy the quote", () => evidence.querySelector(`#style-${styles.value}`).textContent),
    element("label", { textContent: "as " }, styles),
    copier("Copy a link", place)));
}

// The style is kept by the browser; where it keeps nothing, it is chosen anew.
function remembered() {
  try { return localStorage.getItem(STYLE); } catch { return null; }
}

function remember(style) {
  try { localStorage.setItem(STYLE, style); } catch { /* not kept */ }
}

for (const turn of document.querySelectorAll(".turn")) dress(turn);
for (const cited of document.querySelectorAll("#evidence, .reading")) {
  if (cited.querySelector(".cite")) dressEvidence(cited);
}
if (talk?.children.length) {
  const evidence = document.getElementById("evidence");
  const mark = evidence?.querySelector("#quote");
  if (mark && getComputedStyle(evidence).overflowY === "auto") {
    evidence.scrollTop = mark.offsetTop - evidence.clientHeight / 3;
  }
  if (!location.hash) talk.lastElementChild.scrollIntoView({ block: "start" });
}
