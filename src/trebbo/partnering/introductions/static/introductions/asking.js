// The ask and the directory: filters open where there is room, and stay as they are between answers.
(() => {
  const wide = window.matchMedia("(min-width: 992px)");
  const answer = document.getElementById("answer");
  const boxes = () => [...answer.querySelectorAll("details[id]")];

  const unfold = () => {
    const facets = document.getElementById("facets");
    if (facets) facets.open = wide.matches;
  };
  unfold();
  wide.addEventListener("change", unfold);

  let open = null;
  let focused = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== answer) return;
    // A refusal is an answer too: it says in words what is wrong.
    if ([400, 503].includes(event.detail.xhr.status)) event.detail.shouldSwap = true;
    open = new Map(boxes().map((box) => [box.id, box.open]));
    focused = answer.contains(document.activeElement) ? document.activeElement.id : "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== answer) return;
    if (!open || !open.has("facets")) unfold();
    for (const box of boxes()) if (open && open.get(box.id)) box.open = true;
    const again = focused && document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
  });

  // The same answer in the other language, and after signing in.
  document.addEventListener("htmx:pushedIntoHistory", () => {
    const { pathname, search } = window.location;
    for (const link of document.querySelectorAll("a[hreflang], link[hreflang]")) {
      link.setAttribute("href", pathname.replace(/^\/[a-z]{2}\//, `/${link.hreflang}/`) + search);
    }
    const next = encodeURIComponent(pathname + search);
    for (const link of document.querySelectorAll("a[href*='?next=']")) {
      link.setAttribute("href", link.getAttribute("href").replace(/\?next=.*$/, `?next=${next}`));
    }
  });
})();
