//! Header of a ratings file: the columns by their names.

use std::borrow::Cow;

use crate::files::columns::{listed, place_of, plain_name};

/// Places of the columns of a line, from 0, and their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) user: usize,
    pub(super) item: usize,
    pub(super) rating: Option<usize>,
    pub(super) time: Option<usize>,
    pub(super) columns: usize,
}

/// Content of the first line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FirstLine {
    /// Names of columns, of which a user's and an item's are known.
    Header(Places),
    /// Values of columns in the order user, item, rating, time.
    Data(Places),
    /// Neither names that are known nor numbers where they are expected.
    Unclear,
}

/// Names of each column, of which an earlier one goes before a later one, as [`plain_name`] makes them.
const USER: &[&str] = &[
    "user",
    "userid",
    "uid",
    "useridx",
    "userindex",
    "usernum",
    "userno",
    "userkey",
    "customer",
    "customerid",
    "customerno",
    "member",
    "memberid",
    "reviewer",
    "reviewerid",
    "visitor",
    "visitorid",
    "account",
    "accountid",
    "profile",
    "profileid",
    "person",
    "personid",
    "reader",
    "readerid",
    "listener",
    "listenerid",
    "session",
    "sessionid",
    "username",
    "u",
];
const ITEM: &[&str] = &[
    "item",
    "itemid",
    "iid",
    "itemidx",
    "itemindex",
    "itemnum",
    "itemno",
    "movie",
    "movieid",
    "film",
    "filmid",
    "product",
    "productid",
    "asin",
    "parentasin",
    "sku",
    "book",
    "bookid",
    "isbn",
    "song",
    "songid",
    "track",
    "trackid",
    "artist",
    "artistid",
    "album",
    "albumid",
    "anime",
    "animeid",
    "game",
    "gameid",
    "app",
    "appid",
    "article",
    "articleid",
    "news",
    "newsid",
    "recipe",
    "recipeid",
    "business",
    "businessid",
    "venue",
    "venueid",
    "place",
    "placeid",
    "location",
    "locationid",
    "poi",
    "poiid",
    "video",
    "videoid",
    "course",
    "courseid",
    "document",
    "documentid",
    "doc",
    "docid",
    "content",
    "contentid",
    "itemname",
    "title",
    "url",
    "i",
];
const RATING: &[&str] = &[
    "rating",
    "ratings",
    "userrating",
    "bookrating",
    "movierating",
    "itemrating",
    "score",
    "stars",
    "star",
    "rate",
    "overall",
    "value",
    "grade",
    "preference",
    "pref",
    "weight",
    "count",
    "counts",
    "plays",
    "playcount",
    "listens",
    "clicks",
    "purchases",
    "quantity",
    "interactions",
    "frequency",
    "strength",
    "confidence",
    "feedback",
    "label",
    "r",
];
const TIME: &[&str] = &[
    "timestamp",
    "time",
    "ts",
    "unixtimestamp",
    "unixtime",
    "unixreviewtime",
    "datetime",
    "date",
    "createdat",
    "created",
    "reviewtime",
    "reviewdate",
    "ratedat",
    "t",
];

impl Places {
    /// Returns the places of the columns user, item, rating, time, of which a file may lack the last two.
    pub(super) fn in_order(columns: usize) -> Self {
        let place = |place: usize| (place < columns).then_some(place);
        Self { user: 0, item: 1, rating: place(2), time: place(3), columns }
    }

    /// Returns the places that the `names` of a header tell; none when no user or no item is among them.
    fn named(names: &[String]) -> Option<Self> {
        let find = |known| place_of(known, names);
        let (user, rating, time) = (find(USER)?, find(RATING), find(TIME));
        let taken = [Some(user), rating, time];
        let mut other_ids =
            (0..names.len()).filter(|&i| names[i].ends_with("id") && !taken.contains(&Some(i)));
        let item = find(ITEM).or_else(|| other_ids.next().filter(|_| other_ids.next().is_none()))?;
        Some(Self { user, item, rating, time, columns: names.len() })
    }

    /// Describes which column of a header was taken for what, and those that were not used.
    pub(super) fn described(&self, names: &[Cow<'_, str>]) -> String {
        let roles = [
            ("user", Some(self.user)),
            ("item", Some(self.item)),
            ("rating", self.rating),
            ("time", self.time),
        ];
        let taken: Vec<_> = roles.iter().filter_map(|&(role, at)| at.map(|at| (role, at))).collect();
        let used: Vec<_> =
            taken.iter().map(|&(role, at)| format!("{role} {}", listed([&*names[at]]))).collect();
        let unused = (0..names.len()).filter(|at| taken.iter().all(|(_, taken)| taken != at));
        let unused = listed(unused.map(|at| &*names[at]));
        let rest = if unused.is_empty() { String::new() } else { format!("; not used: {unused}") };
        format!("columns by the header: {}{rest}", used.join(", "))
    }
}

impl FirstLine {
    /// Recognises a header by its names, and data by a number where a rating stands. Two columns without a known name
    /// are data.
    pub(super) fn of(columns: &[Cow<'_, str>], is_number: impl Fn(&str) -> bool) -> Self {
        if columns.iter().any(|column| is_number(column)) {
            let rating = columns.get(2).is_none_or(|rating| is_number(rating));
            return if rating { Self::Data(Places::in_order(columns.len())) } else { Self::Unclear };
        }
        let names: Vec<String> = columns.iter().map(|column| plain_name(column)).collect();
        if let Some(places) = Places::named(&names) {
            return Self::Header(places);
        }
        let known =
            |name: &String| [USER, ITEM, RATING, TIME].iter().any(|list| list.contains(&name.as_str()));
        match columns.len() == 2 && !names.iter().any(known) {
            true => Self::Data(Places::in_order(2)),
            false => Self::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(line: &str) -> FirstLine {
        let columns: Vec<_> = line.split(',').map(Cow::Borrowed).collect();
        FirstLine::of(&columns, |text| text.parse::<f64>().is_ok())
    }

    fn places(line: &str) -> [Option<usize>; 4] {
        match first(line) {
            FirstLine::Header(Places { user, item, rating, time, .. }) => {
                [Some(user), Some(item), rating, time]
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn columns_are_found_by_the_usual_names_in_any_order() {
        for (line, expected) in [
            ("userId,movieId,rating,timestamp", [Some(0), Some(1), Some(2), Some(3)]),
            ("item,user,rating,timestamp", [Some(1), Some(0), Some(2), Some(3)]),
            ("user_id,item_id,timestamp,rating", [Some(0), Some(1), Some(3), Some(2)]),
            ("User-ID,ISBN,Book-Rating", [Some(0), Some(1), Some(2), None]),
            (",USER_ID,ITEM_ID", [Some(1), Some(2), None, None]),
            ("user_id:token,item_id:token,rating:float", [Some(0), Some(1), Some(2), None]),
            ("reviewerID,asin,reviewerName,overall,unixReviewTime", [Some(0), Some(1), Some(3), Some(4)]),
            ("score,username,restaurant_id", [Some(1), Some(2), Some(0), None]),
        ] {
            assert_eq!(places(line), expected, "{line}");
        }
        let names = ["user", "tags", "item"].map(Cow::Borrowed);
        let FirstLine::Header(places) = FirstLine::of(&names, |_| false) else { panic!("a header") };
        assert_eq!(
            places.described(&names),
            "columns by the header: user `user`, item `item`; not used: `tags`"
        );
    }

    #[test]
    fn a_first_line_is_a_header_data_or_unclear() {
        for line in ["u1,i1,5", "user,item,5", "1,2", "anna,solaris", "u1,i1,5,2001"] {
            assert!(matches!(first(line), FirstLine::Data(_)), "{line}");
        }
        for line in
            ["a,b,Stars", "u1,i1,five", "user,thing", "customer,thing,rating", "movie,rating,time", "1,2,x"]
        {
            assert_eq!(first(line), FirstLine::Unclear, "{line}");
        }
    }
}
