// Reads a calendar from standard input with ical.js and prints what it understood as JSON: another program than ours,
// written by other people, in another language.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf-8")));
ICAL.design.strict = true;
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(new ICAL.Timezone(zone));
}

const moment = (time) => new Date(time.toUnixTime() * 1000).toISOString();
const people = (component, name) =>
  component.getAllProperties(name).map((property) => ({
    address: property.getFirstValue(),
    name: property.getParameter("cn") ?? null,
    rsvp: property.getParameter("rsvp") ?? null,
    status: property.getParameter("partstat") ?? null,
  }));

const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    sequence: event.sequence,
    starts_at: moment(event.startDate),
    ends_at: moment(event.endDate),
    zone: event.startDate.zone.tzid,
    summary: event.summary,
    location: event.location,
    description: event.description,
    url: component.getFirstPropertyValue("url"),
    status: component.getFirstPropertyValue("status"),
    organizers: people(component, "organizer"),
    attendees: people(component, "attendee"),
  };
});

console.log(
  JSON.stringify({
    method: calendar.getFirstPropertyValue("method"),
    name: calendar.getFirstPropertyValue("x-wr-calname"),
    zones: calendar.getAllSubcomponents("vtimezone").map((zone) => zone.getFirstPropertyValue("tzid")),
    events,
  }),
);
