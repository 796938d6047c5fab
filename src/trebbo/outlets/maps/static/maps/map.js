// The moving map: markers are asked for each window, and the list follows.
(function () {
  "use strict";

  const SIDES = 5;
  const WAIT = 150;
  const NAME_HEIGHT = 20;
  const NAME_SHIFTS = [0, 6, -6, 12, -12, 20, -20, 32, -32];
  const box = document.getElementById("map");
  if (!box || !window.L) return;
  const L = window.L;
  const list = document.getElementById("map-list");
  const said = document.getElementById("map-said");
  const failed = document.getElementById("map-failed");
  const address = new URL(window.location.href);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  document.getElementById("map-drawing").hidden = true;
  document.querySelectorAll(".map-legend [hidden]").forEach((entry) => { entry.hidden = false; });
  box.hidden = false;

  const map = L.map(box, {
    minZoom: 5, maxZoom: 18, zoomControl: false, attributionControl: Boolean(box.dataset.credit),
    zoomAnimation: !still, fadeAnimation: false, markerZoomAnimation: !still, inertia: !still,
  });
  if (map.attributionControl) map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: box.dataset.nearer, zoomOutTitle: box.dataset.farther }).addTo(map);
  if (box.dataset.tiles) {
    L.tileLayer(box.dataset.tiles, { attribution: plain(box.dataset.credit), maxZoom: 18 }).addTo(map);
  }

  function plain(text) {
    const holder = document.createElement("span");
    holder.textContent = text;
    return holder.innerHTML;
  }

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function fitted(window_) {
    const [west, south, east, north] = window_;
    return L.latLngBounds([south, west], [north, east]);
  }

  const shown = new Map();

  // --- The ground: the country, the provinces and their names.
  const names = [];

  function ground(outlines) {
    const pane = map.createPane("names");
    pane.style.zIndex = 450;
    pane.style.pointerEvents = "none";
    pane.setAttribute("aria-hidden", "true");
    L.geoJSON(outlines, {
      interactive: false,
      style: (feature) => feature.id === "IT"
        ? { color: "#8a9bab", weight: 1, fillColor: "#f5f5f0", fillOpacity: box.dataset.tiles ? 0 : 1 }
        : { color: "#455b71", weight: 1.5, fillColor: "#e8efe4", fillOpacity: box.dataset.tiles ? 0.15 : 1 },
      onEachFeature: (feature, layer) => {
        if (feature.id === "IT") return;
        const icon = L.divIcon({ className: "map-province", html: `<span>${plain(feature.properties.name)}</span>`, iconSize: [120, NAME_HEIGHT] });
        const bounds = layer.getBounds();
        const marker = L.marker(bounds.getCenter(), { icon, pane: "names", interactive: false, keyboard: false }).addTo(map);
        names.push({ marker, bounds });
      },
    }).addTo(map);
    settleNames();
  }

  function frame(marker, width, height, shift) {
    const point = map.latLngToContainerPoint(marker.getLatLng());
    return {
      left: point.x - width / 2, right: point.x + width / 2,
      top: point.y + shift - height / 2, bottom: point.y + shift + height / 2,
    };
  }

  function meet(one, other) {
    return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
  }

  // How far a name may move and still stand in the middle of its province.
  function leeway(bounds) {
    const top = map.latLngToContainerPoint(bounds.getNorthWest()).y;
    return (map.latLngToContainerPoint(bounds.getSouthEast()).y - top) / 4;
  }

  // A name moves up or down until it touches no marker and no other name; without room it hides.
  function settleNames() {
    const taken = [...shown.values()].map((marker) => {
      const drawing = marker.getElement();
      return frame(marker, drawing.offsetWidth, drawing.offsetHeight, 0);
    });
    names.forEach(({ marker, bounds }) => {
      const word = marker.getElement().firstElementChild;
      const most = leeway(bounds);
      const shift = NAME_SHIFTS.find((down) => {
        const wanted = frame(marker, word.offsetWidth, NAME_HEIGHT, down);
        return Math.abs(down) <= most && !taken.some((other) => meet(wanted, other));
      });
      word.classList.toggle("map-province-crowded", shift === undefined);
      if (shift === undefined) return;
      word.style.transform = `translateY(${shift}px)`;
      taken.push(frame(marker, word.offsetWidth, NAME_HEIGHT, shift));
    });
  }

  // --- Markers.
  function about(body) {
    const article = element("article");
    const heading = element("h3");
    const link = element("a", body.name);
    link.href = body.url;
    heading.append(link);
    article.append(heading, element("p", [body.what, body.town].filter(Boolean).join(" · ")));
    if (body.address) article.append(element("p", body.address));
    if (body.precision) article.append(element("p", body.precision, "fst-italic"));
    article.append(element("p", body.fresh, "fw-semibold"));
    return article;
  }

  function popup(facts) {
    const content = element("div", "", "map-popup");
    content.tabIndex = -1;
    if (facts.count > 1) content.append(element("p", facts.label, "fw-semibold"));
    facts.bodies.forEach((body) => content.append(about(body)));
    if (facts.more) content.append(element("p", facts.more));
    return content;
  }

  function drawn(feature) {
    const facts = feature.properties;
    const [longitude, latitude] = feature.geometry.coordinates;
    const single = facts.count === 1 && facts.bodies.length === 1;
    const body = facts.bodies[0];
    const size = single ? 28 : Math.min(60, 30 + 6 * Math.log2(facts.count) / 2);
    const inner = single
      ? `<span class="map-shape map-shape-${plain(body.type)}"></span>`
      : plain(new Intl.NumberFormat(document.documentElement.lang).format(facts.count));
    const className = single ? "map-point" : facts.listed ? "map-cluster map-spot" : "map-cluster";
    const marker = L.marker([latitude, longitude], {
      icon: L.divIcon({ className, html: inner, iconSize: [size, size] }),
      title: single ? body.name : facts.label,
    });
    if (facts.listed) marker.bindPopup(() => popup(facts), { maxWidth: 300, autoPanPaddingTopLeft: [60, 20], autoPanPaddingBottomRight: [20, 20] });
    else marker.on("click", () => nearer(facts));
    marker.addTo(map);
    const does = facts.listed ? box.dataset.open : box.dataset.drawNearer;
    const words = single ? [body.name, body.what, body.town] : [facts.label, does];
    marker.getElement().setAttribute("aria-label", words.filter(Boolean).join(", "));
    return marker;
  }

  function nearer(facts) {
    const zoom = Math.max(map.getBoundsZoom(fitted(facts.window).pad(0.2)), map.getZoom() + 1);
    map.setView(fitted(facts.window).getCenter(), Math.min(zoom, map.getMaxZoom()));
    box.focus({ preventScroll: true });
  }

  // A marker that stays keeps its element, so that the keyboard's place is not lost.
  function redraw(collection) {
    const wanted = new Map(collection.features.map((feature) => [JSON.stringify(feature), feature]));
    shown.forEach((marker, key) => {
      if (!wanted.has(key)) {
        marker.remove();
        shown.delete(key);
      }
    });
    wanted.forEach((feature, key) => {
      if (!shown.has(key)) shown.set(key, drawn(feature));
    });
    settleNames();
    box.dataset.drawn = String(collection.places);
  }

  map.on("popupopen", (event) => {
    const frame = event.popup.getElement();
    const close = frame.querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", box.dataset.close);
    frame.querySelector(".map-popup").focus({ preventScroll: true });
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup();
  });
  map.on("popupclose", (event) => {
    const source = event.popup._source;
    if (source && source.getElement && source.getElement()) source.getElement().focus({ preventScroll: true });
  });

  // --- What is asked when the map comes to rest.
  let asking = null;
  let timer = null;

  function inView() {
    const view = map.getBounds();
    const within = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(SIDES);
    return [
      within(view.getWest(), 180), within(view.getSouth(), 90),
      within(view.getEast(), 180), within(view.getNorth(), 90),
    ].join(",");
  }

  function query(changes) {
    const parameters = new URLSearchParams(address.search);
    parameters.delete("page");
    Object.entries(changes).forEach(([name, value]) => parameters.set(name, value));
    return parameters.toString();
  }

  async function answer(url, signal) {
    const response = await fetch(url, { signal, headers: { "X-Requested-With": "fetch" } });
    if (!response.ok) throw new Error(String(response.status));
    return response;
  }

  async function readList(parameters, signal) {
    const response = await answer(`${box.dataset.list}?${parameters}`, signal);
    list.innerHTML = await response.text();
    const summary = list.querySelector("[data-summary]");
    said.textContent = summary ? summary.textContent : "";
  }

  async function ask() {
    if (asking) asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const parameters = query({ bbox: inView(), zoom: map.getZoom() });
    window.history.replaceState(null, "", `?${parameters}`);
    try {
      const places = await answer(`${box.dataset.places}?${parameters}`, signal);
      redraw(await places.json());
      await readList(parameters, signal);
      failed.hidden = true;
    } catch (error) {
      if (error.name === "AbortError") return;
      failed.textContent = box.dataset.failed;
      failed.hidden = false;
    }
  }

  map.on("zoomend", settleNames);
  map.on("moveend", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT);
  });

  list.addEventListener("click", (event) => {
    const link = event.target.closest(".pagination a");
    if (!link) return;
    event.preventDefault();
    readList(new URL(link.href).searchParams.toString())
      .then(() => document.getElementById("list-heading").focus())
      .catch(() => { window.location.href = link.href; });
  });

  const asked = (address.searchParams.get("bbox") || "").split(",").map(Number);
  const whole = asked.length === 4 && asked.every(Number.isFinite);
  fetch(box.dataset.outlines).then((response) => response.json()).then(ground).catch(() => undefined);
  const zoom = Number(address.searchParams.get("zoom"));
  if (whole && zoom) map.setView(fitted(asked).getCenter(), zoom);
  else map.fitBounds(fitted(whole ? asked : box.dataset.extent.split(",").map(Number)), { padding: [10, 10], maxZoom: 14 });
})();
