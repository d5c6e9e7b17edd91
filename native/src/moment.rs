//! Times that are spelled out (`stream/mapping.py`).

/// Whether a time is spelled as nearly all are, `2026-11-23T05:04:06.902Z`, and is one for sure.
pub fn is_moment(text: &str) -> bool {
    let parts = text.split_once(['T', ' ']);
    parts.is_some_and(|(date, clock)| is_date(date).is_some() && is_clock(clock).is_some())
}

fn is_date(date: &str) -> Option<()> {
    let (year, rest) = date.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    number(year, 4, 2, 9_998)?; // in the first and in the last year a zone may lead out of both
    let days = match number(month, 2, 1, 12)? {
        2 => 28, // the 29th is asked about
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    number(day, 2, 1, days).map(drop)
}

fn is_clock(clock: &str) -> Option<()> {
    let (time, zone) = clock.split_at(clock.find(['Z', '+', '-']).unwrap_or(clock.len()));
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let (hour, rest) = time.split_once(':')?;
    let (minute, second) = rest.split_once(':')?;
    number(hour, 2, 0, 23)?;
    number(minute, 2, 0, 59)?;
    number(second, 2, 0, 59)?;
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|octet| octet.is_ascii_digit());
    (is_fraction && is_zone(zone)).then_some(())
}

fn is_zone(zone: &str) -> bool {
    let Some(offset) = zone.strip_prefix(['+', '-']) else {
        return zone.is_empty() || zone == "Z";
    };
    let split = offset
        .split_once(':')
        .or_else(|| offset.split_at_checked(2));
    split.is_some_and(|(hour, minute)| {
        number(hour, 2, 0, 23).is_some() && number(minute, 2, 0, 59).is_some()
    })
}

/// The number that these digits spell, if there are so many and it is no less and no more.
fn number(text: &str, digits: usize, least: u32, most: u32) -> Option<u32> {
    let is_one = text.len() == digits && text.bytes().all(|octet| octet.is_ascii_digit());
    let number = is_one.then(|| text.parse().ok())??;
    (least..=most).contains(&number).then_some(number)
}
