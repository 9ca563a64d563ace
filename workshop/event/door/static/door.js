// Times in the reader's own zone, and pages that stay current without being reloaded. All works without this too.
"use strict";

function localize(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const when = new Date(time.dateTime);
    time.title = time.textContent;
    time.textContent = when.toLocaleString([], {
      weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
    });
  }
}

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
  if (answer.type === "opaqueredirect") return location.reload();
  if (!answer.ok) return undefined;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  localize(fresh);
  const parts = document.querySelectorAll("[data-live]");
  if ([...parts].some((part) => !fresh.getElementById(part.id))) return location.reload();
  const focused = document.activeElement?.id;
  for (const part of parts) {
    const now = fresh.getElementById(part.id);
    if (part.innerHTML !== now.innerHTML) part.replaceChildren(...now.childNodes);
  }
  document.title = fresh.title;
  document.body.dataset.refresh = fresh.body.dataset.refresh ?? "";
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  return undefined;
}

function wait() {
  const seconds = Number(document.body.dataset.refresh);
  if (seconds) setTimeout(() => renew().catch(() => undefined).finally(wait), seconds * 1000);
}

localize(document);
wait();
