// Judges queries in a real browser as a person would, by keys, with the grades of a file of judgements; and takes pictures of the pages.
// serve_journey.sh starts it: URL, file of all judgements, file of the ids to judge (one a line), folder for pictures.
const fs = require("node:fs");
const puppeteer = require("puppeteer-core");

const [url, qrels, ids, pictures] = process.argv.slice(2);
const grades = new Map();
for (const line of fs.readFileSync(qrels, "utf8").trim().split("\n")) {
  const [query, , document, grade] = line.split(/\s+/);
  grades.set(`${query} ${document}`, grade);
}
const queries = fs.readFileSync(ids, "utf8").trim().split("\n");

const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844, isMobile: true, hasTouch: true } };

// Takes a picture of a page on a desktop and a phone, in light and dark.
async function picture(browser, path, name) {
  const page = await browser.newPage();
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const theme of ["light", "dark"]) {
      await page.setViewport({ ...viewport, deviceScaleFactor: 1 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
      await page.goto(url + path, { waitUntil: "load" });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wide > 0) throw new Error(`${name} on a ${size} is ${wide} pixels too wide`);
      await page.screenshot({ path: `${pictures}/${name}-${size}-${theme}.png` });
    }
  }
  await page.close();
}

// Judges the whole pool of a query by keys, with one mistake that is undone, and returns how many documents it has.
async function judge(page, query) {
  await page.goto(`${url}/judge/query?id=${encodeURIComponent(query)}`, { waitUntil: "load" });
  let count = 0;
  for (;;) {
    const document = await page.evaluate(() => document.querySelector("input[name=document]")?.value);
    if (document === undefined) return count;
    const press = (key) => Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press(key)]);
    if (count === 2) {
      await press("4");
      await press("u");
      const back = await page.evaluate(() => document.querySelector("input[name=document]").value);
      if (back !== document) throw new Error(`undo of ${document} shows ${back}`);
    }
    const grade = Math.max(0, Number(grades.get(`${query} ${document}`) ?? 0));
    await press(String(grade));
    count += 1;
  }
}

(async () => {
  const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const errors = [];
  const page = await browser.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.setViewport(sizes.desktop);
  let documents = 0;
  const begun = Date.now();
  if (process.env.PICTURES_ONLY === undefined) {
    for (const query of queries) documents += await judge(page, query);
    console.log(`${queries.length} queries, ${documents} documents, ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  }
  const search = "/?q=" + encodeURIComponent(process.env.QUERY ?? "heat transfer in a boundary layer");
  await page.goto(url + search, { waitUntil: "load" });
  const link = await page.$eval(".hit a.title", (anchor) => anchor.getAttribute("href"));
  await picture(browser, search, "search");
  await picture(browser, link, "document");
  await picture(browser, "/judge", "queries");
  await picture(browser, `/judge/query?id=${encodeURIComponent(process.env.OPEN ?? queries[0])}`, "judging");
  await browser.close();
  if (errors.length > 0) throw new Error(`the page's console: ${errors.join("; ")}`);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
