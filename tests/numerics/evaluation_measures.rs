//! Every measure on rankings small enough to work out by hand.

use approx::assert_abs_diff_eq;
use irgan::evaluation::measure::binary::*;
use irgan::evaluation::measure::graded::*;
use irgan::evaluation::measure::incomplete::*;
use irgan::evaluation::{
    Judged, Measure, MeasureList, Options, Qrels, RunFile, UNJUDGED, evaluate, rank_order, write_run,
};

const U: i32 = UNJUDGED;

fn value(name: &str, ranked: &[i32], judged: &[i32]) -> f64 {
    name.parse::<Measure>().unwrap().value(ranked, &Judged::new(judged.iter().copied()))
}

#[test]
fn precision_divides_by_k_even_when_fewer_are_retrieved() {
    assert_abs_diff_eq!(precision(&[1, 0, 2, 0, 0, 1], 5), 0.4); // hits at ranks 1 and 3: 2/5
    assert_abs_diff_eq!(precision(&[1, 1], 5), 0.4); // two documents only: still 2/5
    assert_abs_diff_eq!(precision(&[U, -1, 0, 1], 4), 0.25); // what is not judged is not relevant
}

#[test]
fn recall_success_and_relative_precision() {
    assert_abs_diff_eq!(recall(&[0, 1, 1, 1], 4, 3), 0.5); // 2 of 4
    assert_abs_diff_eq!(recall(&[0, 0], 0, 2), 0.0); // nothing relevant
    assert_abs_diff_eq!(success(&[0, 0, 1], 2), 0.0);
    assert_abs_diff_eq!(success(&[0, 0, 1], 3), 1.0);
    assert_abs_diff_eq!(relative_precision(&[1, 0, 1, 0, 0], 3, 5), 2.0 / 3.0); // at best 3 of 5
}

#[test]
fn average_precision_by_hand() {
    // Hits at ranks 1 and 4; one relevant document is never retrieved: (1/1 + 2/4) / 3 = 0.5
    assert_abs_diff_eq!(average_precision(&[1, 0, 0, 2], 3), 0.5);
    assert_abs_diff_eq!(average_precision(&[0, 0], 0), 0.0);
    assert_abs_diff_eq!(average_precision(&[U, 1], 1), 0.5); // the unjudged document keeps its rank
    // Cut at 2: only the first hit is seen, all relevant documents still count: (1/1) / 3
    assert_abs_diff_eq!(value("AP@2", &[1, 0, 0, 2], &[1, 2, 1, 0, 0]), 1.0 / 3.0);
}

#[test]
fn reciprocal_rank_by_hand() {
    assert_abs_diff_eq!(reciprocal_rank(&[0, U, 3, 1]), 1.0 / 3.0);
    assert_abs_diff_eq!(reciprocal_rank(&[0, 0]), 0.0);
    assert_abs_diff_eq!(value("RR@2", &[0, 0, 1], &[1, 0, 0]), 0.0);
}

#[test]
fn r_precision_by_hand() {
    assert_abs_diff_eq!(r_precision(&[1, 0, 1, 1], 3, 1.0), 2.0 / 3.0); // 2 of the first R = 3
    // 0.5 · 3 + 0.9 = 2.4: the first 2 documents, 1 hit
    assert_abs_diff_eq!(r_precision(&[1, 0, 1, 1], 3, 0.5), 0.5);
    assert_abs_diff_eq!(r_precision(&[0], 0, 1.0), 0.0);
}

#[test]
fn interpolated_precision_by_hand() {
    // Hits at ranks 2, 3, 6: precisions 1/2, 2/3, 3/6; R = 4.
    let ranked = [0, 1, 1, 0, 0, 1];
    assert_abs_diff_eq!(interpolated_precision(&ranked, 4, 0.0), 2.0 / 3.0); // the best anywhere
    assert_abs_diff_eq!(interpolated_precision(&ranked, 4, 0.5), 2.0 / 3.0); // from the second hit on
    assert_abs_diff_eq!(interpolated_precision(&ranked, 4, 0.75), 0.5);
    assert_abs_diff_eq!(interpolated_precision(&ranked, 4, 1.0), 0.0); // the fourth is never found
    // Hits needed at recall 0 .. 1: 0 0 1 1 2 2 2 3 3 4 4: seven times 2/3, twice 1/2, twice 0.
    assert_abs_diff_eq!(
        eleven_point_average(&ranked, 4),
        (7.0 * 2.0 / 3.0 + 2.0 * 0.5) / 11.0,
        epsilon = 1e-12
    );
}

#[test]
fn sets_by_hand() {
    // 2 of 5 retrieved are relevant, 2 of 4 relevant are retrieved: P = 0.4, R = 0.5.
    let ranked = [0, 1, 0, 1, 0];
    assert_abs_diff_eq!(set_precision(&ranked), 0.4);
    assert_abs_diff_eq!(f_measure(0.4, 0.5, 1.0), 2.0 * 0.4 * 0.5 / 0.9, epsilon = 1e-12);
    assert_abs_diff_eq!(f_measure(0.4, 0.5, 2.0), 5.0 * 0.4 * 0.5 / (4.0 * 0.4 + 0.5), epsilon = 1e-12);
    assert_abs_diff_eq!(f_measure(0.0, 0.0, 1.0), 0.0);
    let judged = [1, 1, 1, 1, 0];
    assert_abs_diff_eq!(value("SetAP", &ranked, &judged), 0.2, epsilon = 1e-12); // 0.4 · 0.5
    assert_abs_diff_eq!(value("SetRelP", &ranked, &judged), 0.5); // 2 of at best 4
    assert_abs_diff_eq!(value("SetF(beta=2)", &ranked, &judged), 1.0 / 2.1, epsilon = 1e-12); // 5 · 0.2 / (1.6 + 0.5)
    assert_abs_diff_eq!(value("set_F.4", &ranked, &judged), 1.0 / 2.1, epsilon = 1e-12); // trec_eval's x is β²
    assert_abs_diff_eq!(value("utility", &ranked, &judged), -1.0); // 2 relevant, 3 others
    // Of the first 2: P = 1/2, R = 1/4.
    assert_abs_diff_eq!(value("F1@2", &ranked, &judged), 2.0 * 0.125 / 0.75, epsilon = 1e-12);
    assert_abs_diff_eq!(value("F(beta=2)@2", &ranked, &judged), 5.0 * 0.125 / 2.25, epsilon = 1e-12);
}

#[test]
fn area_under_the_curve_by_hand() {
    // Relevant documents at ranks 1 and 3 of 4, all judged: 2 + 1 of the 2 · 2 pairs are in order.
    assert_abs_diff_eq!(value("AUC", &[1, 0, 2, 0], &[1, 2, 0, 0]), 0.75);
    // A third relevant and a third nonrelevant document were not retrieved: of 3 · 3 pairs, the first has 3 in order, the
    // second 2, and the third ties with one.
    assert_abs_diff_eq!(value("AUC", &[1, 0, 2, 0], &[1, 2, 1, 0, 0, 0]), 5.5 / 9.0, epsilon = 1e-12);
    assert_abs_diff_eq!(value("AUC", &[U, 1, U], &[1]), 0.5); // a document without a judgement is another one
    assert_abs_diff_eq!(value("AUC(judged_only=True)", &[U, 1, 0], &[1, 0]), 1.0);
    assert_abs_diff_eq!(value("AUC(rel=2)", &[1, 2], &[1, 2]), 0.0);
    assert_abs_diff_eq!(value("AUC", &[1, 1], &[1, 1]), 1.0); // nothing can be out of order
}

#[test]
fn judged_documents_only() {
    // Without the unjudged the ranking is 0, 1, 1: precisions 1/2 and 2/3.
    let (ranked, judged) = ([U, 0, -1, 1, U, 1], [0, 1, 1, -1]);
    let expected = (0.5 + 2.0 / 3.0) / 2.0;
    assert_abs_diff_eq!(value("AP(judged_only=True)", &ranked, &judged), expected, epsilon = 1e-12);
    assert_abs_diff_eq!(value("P(judged_only=true)@2", &ranked, &judged), 0.5);
    assert_abs_diff_eq!(value("NumRet(judged_only=True)", &ranked, &judged), 3.0);
}

#[test]
fn bin_g_by_hand() {
    // Hits with 0 and 2 nonrelevant documents before them: (1/log2 2 + 1/log2 4) / 2 = 0.75
    assert_abs_diff_eq!(bin_g(&[1, 0, 0, 1], 2), 0.75);
}

#[test]
fn ndcg_dialects_by_hand() {
    let judged = Judged::new([3, 1, 0, 0]);
    // Grade 3 at rank 3: 3/log2 4 = 1.5. Ideal: 3/log2 2 + 1/log2 3 = 3.63093.
    assert_abs_diff_eq!(
        ndcg(&[0, U, 3], &judged, 10, Gain::Grade),
        1.5 / 3.630_929_753_571_457,
        epsilon = 1e-12
    );
    // Exponential gains 7 and 1: 7/2 over 7 + 0.63093.
    assert_abs_diff_eq!(
        ndcg(&[0, U, 3], &judged, 10, Gain::Exponential),
        3.5 / 7.630_929_753_571_457,
        epsilon = 1e-12
    );
    // At 2 the ideal keeps both relevant documents, the ranking has none.
    assert_abs_diff_eq!(ndcg(&[0, 0, 3], &judged, 2, Gain::Grade), 0.0);
    assert_abs_diff_eq!(ndcg(&[0], &Judged::new([0]), 10, Gain::Grade), 0.0);
    assert_abs_diff_eq!(value("nDCG", &[3, 1], &[0, 1, 3]), 1.0);
}

#[test]
fn expected_reciprocal_rank_by_hand() {
    // Scale up to 2: grade 2 stops with 3/4, grade 1 with 1/4.
    // 1/4 at rank 1, then (3/4)(3/4)/2 at rank 2, then nothing: 0.25 + 0.28125
    assert_abs_diff_eq!(expected_reciprocal_rank(&[1, 2, 0], 10, 2), 0.53125);
    assert_abs_diff_eq!(expected_reciprocal_rank(&[1, 2, 0], 1, 2), 0.25);
    assert_abs_diff_eq!(expected_reciprocal_rank(&[9], 1, 2), 0.75); // counts as grade 2
    assert_abs_diff_eq!(value("ERR@20", &[1], &[1]), 1.0 / 16.0); // the TREC scale goes to 4
}

#[test]
fn rank_biased_precision_by_hand() {
    // (1 − 0.5)(1 + 0.25) with hits at ranks 1 and 3
    assert_abs_diff_eq!(rank_biased_precision(&[1, U, 1], 10, 0.5, 1), 0.625);
    // Graded with maximum 2: (1 − 0.5)(1/2 + 0.5)
    assert_abs_diff_eq!(value("RBP(p=0.5)", &[1, 2], &[1, 2]), 0.5);
    // Binary at grade 2: only rank 2 counts, 0.5 · 0.5
    assert_abs_diff_eq!(value("RBP(rel=2,p=0.5)", &[1, 2], &[1, 2]), 0.25);
    // Unjudged at rank 2: 0.5 · 0.5, and everything below rank 2: 0.25
    assert_abs_diff_eq!(rank_biased_residual(&[1, U], 0.5), 0.5);
}

#[test]
fn bpref_by_hand() {
    // R = 2, N = 3. The first hit has 1 nonrelevant document before it, the second 2 (at most R):
    // (1 − 1/2) + (1 − 2/2) = 0.5, over R: 0.25. The unjudged document counts for nothing.
    assert_abs_diff_eq!(bpref(&[0, U, 1, 0, -1, 1], 2, 3), 0.25);
    assert_abs_diff_eq!(bpref(&[1, U, U, 1], 2, 3), 1.0);
    assert_abs_diff_eq!(bpref(&[1], 1, 0), 1.0); // no nonrelevant judgement at all
    assert_abs_diff_eq!(bpref(&[0], 0, 1), 0.0);
}

#[test]
fn inferred_average_precision_by_hand() {
    // Fully judged pools give average precision, but for ε: (1/1 + 2/3) / 2
    assert_abs_diff_eq!(inferred_average_precision(&[1, 0, 1], 2), (1.0 + 2.0 / 3.0) / 2.0, epsilon = 1e-4);
    // One pooled document without judgement above the hit at rank 3: 1/3 + (2/3)(2/2)(1/1)
    assert_abs_diff_eq!(inferred_average_precision(&[1, -1, 1], 2), (1.0 + 1.0) / 2.0, epsilon = 1e-4);
    // Outside of the pool it counts as not relevant: 1/3 + (2/3)(1/2)(1/1)
    assert_abs_diff_eq!(inferred_average_precision(&[1, U, 1], 2), (1.0 + 2.0 / 3.0) / 2.0, epsilon = 1e-4);
}

#[test]
fn shares_of_judged_documents() {
    assert_abs_diff_eq!(judged_share(&[1, 0, U, -1], 4), 0.75); // ir_measures counts every line of the judgements
    assert_abs_diff_eq!(unjudged_share(&[1, 0, U, -1], 4), 0.5);
    assert_abs_diff_eq!(judged_share(&[1, U], 4), 0.5); // of the documents retrieved
    assert_abs_diff_eq!(judged_share(&[], 4), 0.0);
    assert_abs_diff_eq!(unjudged_share(&[1], 4), 0.0);
}

#[test]
fn rel_moves_the_threshold() {
    let (ranked, judged) = ([1, 2, U, 3], [1, 2, 3, 3]);
    assert_abs_diff_eq!(value("P(rel=2)@4", &ranked, &judged), 0.5);
    assert_abs_diff_eq!(value("AP(rel=2)", &ranked, &judged), (0.5 + 0.5) / 3.0, epsilon = 1e-12);
    assert_abs_diff_eq!(value("NumRel(rel=3)", &ranked, &judged), 2.0);
    assert_abs_diff_eq!(value("NumNonRelRet(rel=2)", &ranked, &judged), 1.0);
}

const ALL: [&str; 38] = [
    "F1@5",
    "F(beta=2)@5",
    "AUC",
    "AP(judged_only=True)",
    "nDCG(judged_only=True)@5",
    "P@5",
    "R@5",
    "Success@5",
    "RelP@5",
    "AP",
    "AP@5",
    "RR",
    "RR@5",
    "Rprec",
    "Rprec(mult=0.2)",
    "BinG",
    "nDCG",
    "nDCG@5",
    "nDCG(dcg='exp-log2')@5",
    "ERR",
    "ERR(max=3)@5",
    "RBP",
    "RBP(rel=1,p=0.5)@5",
    "RBPResid(p=0.9)",
    "Bpref",
    "infAP",
    "IPrec@0.1",
    "IPrecAvg",
    "SetP",
    "SetR",
    "SetF",
    "SetF(beta=0.5)",
    "SetAP",
    "SetRelP",
    "Judged@5",
    "Unjudged@5",
    "GMAP",
    "GMBpref",
];

#[test]
fn every_measure_without_a_relevant_document() {
    for name in ALL.into_iter().filter(|name| !name.contains("udged") && !name.contains("Resid")) {
        assert_eq!(value(name, &[0, U, 0], &[0, 0]), 0.0, "{name}");
        assert_eq!(value(name, &[], &[0, 0]), 0.0, "{name}");
        for (empty, expected) in [("0", Some(0.0)), ("1", Some(1.0)), ("skip", None)] {
            let spec = match name.split_once('(') {
                Some((head, tail)) => format!("{head}(empty={empty},{tail}"),
                None => match name.split_once('@') {
                    Some((head, cutoff)) => format!("{head}(empty={empty})@{cutoff}"),
                    None => format!("{name}(empty={empty})"),
                },
            };
            let found = value(&spec, &[0, U, 0], &[0, 0]);
            assert!(expected.map_or(found.is_nan(), |expected| found == expected), "{spec}: {found}");
        }
    }
}

#[test]
fn every_measure_is_finite_and_between_0_and_1() {
    let rankings: [&[i32]; 6] = [&[], &[U], &[3, 2, 1, 0, U, -1, 3], &[0, 0, 0], &[1], &[-1, U, 2]];
    for name in ALL {
        for ranked in rankings {
            for judged in [&[][..], &[0], &[3, 3, 2, 1, 0, -1], &[1]] {
                let found = value(name, ranked, judged);
                // Grades that the judgements do not have may exceed their ideal; skip those.
                let fits = ranked.iter().filter(|&&grade| grade > 0).count()
                    <= judged.iter().filter(|&&g| g > 0).count()
                    && ranked.iter().max() <= judged.iter().max();
                assert!(
                    found.is_finite() && (!fits || (0.0..=1.0 + 1e-9).contains(&found)),
                    "{name} {ranked:?} {judged:?}: {found}"
                );
            }
        }
    }
}

#[test]
fn names_survive_a_round_trip() {
    for name in ALL.into_iter().chain([
        "NumQ",
        "NumRet",
        "NumRel(rel=2)",
        "P(rel=2,empty=skip)@5",
        "RBP(rel=2,p=0.5)@7",
    ]) {
        let measure: Measure = name.parse().unwrap();
        assert_eq!(measure.to_string(), name);
        assert_eq!(measure.to_string().parse::<Measure>().unwrap(), measure);
    }
    for (theirs, ours) in [
        ("map", "AP"),
        ("ndcg_cut_10", "nDCG@10"),
        ("ndcg", "nDCG"),
        ("P_5", "P@5"),
        ("recip_rank", "RR"),
        ("bpref", "Bpref"),
        ("recall_100", "R@100"),
        ("map_cut_20", "AP@20"),
        ("iprec_at_recall_0.10", "IPrec@0.1"),
        ("rbp", "RBP(p=0.9)"),
        (" AP ( rel = 2 ) ", "AP(rel=2)"),
        // ir_measures
        ("MAP", "AP"),
        ("MAP@100", "AP@100"),
        ("MRR@10", "RR@10"),
        ("Precision@5", "P@5"),
        ("Recall@100", "R@100"),
        ("NDCG@10", "nDCG@10"),
        ("RPrec", "Rprec"),
        ("BPref", "Bpref"),
        ("NumRet(rel=1)", "NumRelRet"),
        ("NumRet(rel=2)", "NumRelRet(rel=2)"),
        ("SetP(relative=True)", "SetRelP"),
        ("P(judged_only=True,rel=2)@5", "P(rel=2,judged_only=True)@5"),
        // trec_eval
        ("P.10", "P@10"),
        ("ndcg_cut.10", "nDCG@10"),
        ("map_cut.10", "AP@10"),
        ("recall.100", "R@100"),
        ("success.1", "Success@1"),
        ("relative_P.5", "RelP@5"),
        ("Rprec", "Rprec"),
        ("Rprec_mult_0.20", "Rprec(mult=0.20)"),
        ("iprec_at_recall.0.2", "IPrec@0.2"),
        ("set_P", "SetP"),
        ("set_relative_P", "SetRelP"),
        ("set_recall", "SetR"),
        ("set_map", "SetAP"),
        ("set_F", "SetF"),
        ("set_F_4.00", "SetF(beta=2)"),
        ("gm_map", "GMAP"),
        ("11pt_avg", "IPrecAvg"),
        ("num_nonrel_judged_ret", "NumNonRelRet"),
        // recommenders, and other cases
        ("HR@10", "Success@10"),
        ("Hit@10", "Success@10"),
        ("hit_rate@10", "Success@10"),
        ("f1@10", "F1@10"),
        ("auc", "AUC"),
        ("ap", "AP"),
        ("Map", "AP"),
        ("NDCG_CUT_10", "nDCG@10"),
        ("ndcg_10", "nDCG@10"),
        ("mrr", "RR"),
        ("recall@5", "R@5"),
        ("nDCG(dcg=\"exp-log2\")@5", "nDCG(dcg='exp-log2')@5"),
    ] {
        assert_eq!(theirs.parse::<Measure>().unwrap(), ours.parse::<Measure>().unwrap(), "{theirs}");
    }
}

#[test]
fn names_that_mean_nothing_are_refused() {
    for name in [
        "",
        "@",
        "(",
        "P",
        "P@0",
        "P@x",
        "P@-1",
        "AP(rel=0)",
        "AP(rel)",
        "AP(rel=2",
        "AP(foo=1)",
        "nDCG(dcg='ln')",
        "Bpref@5",
        "IPrec",
        "IPrec@1.5",
        "RBP(p=1)",
        "ERR(max=99)",
        "AP(empty=2)",
        "SetF(beta=-1)",
        "set_F_-1",
        "AP(judged_only=maybe)",
        "official",
        "P@99999999999999999999",
    ] {
        let error = name.parse::<Measure>().unwrap_err();
        assert_eq!(error.exit_code(), 2, "{name}");
        assert!(error.to_string().starts_with(&format!("measure `{name}`: ")), "{error}");
    }
}

#[test]
fn errors_of_names_advise() {
    for (name, advice) in [
        ("nDGC@10", "unknown; did you mean `nDCG@10`?"),
        ("ncdg_cut_10", "unknown; did you mean `nDCG@10`?"),
        ("Precison@5", "unknown; did you mean `P@5`?"),
        ("reciprocal_rank", "unknown; did you mean `RR`?"),
        ("bprf", "unknown; did you mean `Bpref`?"),
        ("xyzzy", "unknown; expected one of P@k, "),
        ("P", "needs a cutoff, as in `P@10`"),
        ("alpha_nDCG@10", "is known to trec_eval or ir_measures, but not computed here"),
        ("ndcg_rel", "is known to trec_eval or ir_measures, but not computed here"),
        ("prefs_simp", "is known to trec_eval or ir_measures, but not computed here"),
        ("Coverage@10", "is one number of a whole run, no measure of queries: ask for `evaluation.coverage`"),
        ("runid", "is no measure; the name of the run stands in the first column"),
        ("nDCG(gains='0=0')", "`gains` is not computed here; map the grades of the judgements instead"),
    ] {
        let error = name.parse::<Measure>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("measure `{name}`: {advice}")), "{error}");
    }
}

#[test]
fn lists_of_measures() {
    let names = |text: &str| -> Vec<String> {
        text.parse::<MeasureList>().unwrap().0.iter().map(ToString::to_string).collect()
    };
    assert_eq!(names("ndcg_cut.5,10"), ["nDCG@5", "nDCG@10"]);
    assert_eq!(
        names("nDCG@5,10 P(rel=2,empty=skip)@5,AP"),
        ["nDCG@5", "nDCG@10", "P(rel=2,empty=skip)@5", "AP"]
    );
    assert_eq!(names("iprec_at_recall.0.1,.2"), ["IPrec@0.1", "IPrec@0.2"]);
    assert_eq!(names("map,AP,MAP"), ["AP"]);
    assert_eq!(names("success"), ["Success@1", "Success@5", "Success@10"]);
    let cutoffs = [5, 10, 15, 20, 30, 100, 200, 500, 1000];
    assert_eq!(names("P"), cutoffs.map(|k| format!("P@{k}")));
    assert_eq!(names("ndcg_cut"), cutoffs.map(|k| format!("nDCG@{k}")));
    // What trec_eval prints without -m, but for the run's name: 10 values, 11 recalls, 9 cutoffs.
    assert_eq!(names("official").len(), 9 + 11 + 9);
    assert_eq!(names("set").len(), 10);
    let all = names("all_trec");
    assert!(names("official").iter().chain(&names("set")).all(|name| all.contains(name)));
    for text in ["", ",", "nDCG@10,AQ", "10", "AP,10"] {
        assert!(text.parse::<MeasureList>().is_err(), "{text}");
    }
}

fn run_text(run: &str, qrels: &str, measure: &str, options: &Options) -> irgan::Result<f64> {
    let qrels = Qrels::from_bytes("qrels", qrels.into())?;
    let run = RunFile::from_bytes("run", run.into());
    Ok(evaluate(&qrels, &run, &[measure.parse()?], options)?.mean(0))
}

#[test]
fn ties_go_to_the_larger_id_and_the_rank_column_is_ignored() {
    let run = "q Q0 d1 1 2.0 t\nq Q0 d3 2 2.0 t\nq Q0 d2 3 2.0 t\nq Q0 d10 4 2.0 t\n";
    // The order is d3, d2, d10, d1: byte by byte, d10 comes after d1.
    for (document, rank) in [("d3", 1.0), ("d2", 2.0), ("d10", 3.0), ("d1", 4.0)] {
        let qrels = format!("q 0 {document} 1\n");
        assert_eq!(run_text(run, &qrels, "RR", &Options::default()).unwrap(), 1.0 / rank, "{document}");
    }
}

#[test]
fn scores_compare_as_f64() {
    // Equal as f32; the tie would put d2 first.
    let run = "q Q0 d1 1 1.00000002 t\nq Q0 d2 2 1.00000001 t\n";
    assert_eq!(run_text(run, "q 0 d1 1\n", "RR", &Options::default()).unwrap(), 1.0);
}

#[test]
fn a_query_that_the_run_lacks_counts_only_when_asked() {
    let (run, qrels) = ("a Q0 d 1 1 t\nz Q0 d 1 1 t\n", "a 0 d 1\nb 0 d 1\n");
    assert_eq!(run_text(run, qrels, "AP", &Options::default()).unwrap(), 1.0);
    let complete = Options { complete: true, ..Options::default() };
    assert_eq!(run_text(run, qrels, "AP", &complete).unwrap(), 0.5);
    assert_eq!(run_text(run, qrels, "NumRel", &complete).unwrap(), 2.0);
}

#[test]
fn written_runs_read_back_in_the_same_order() {
    let ids = ["d1", "d2", "d3", "d4", "d5"];
    let scores = [0.1f32, 0.1 + f32::EPSILON / 16.0, 1e-40, -3.5e30, 0.1];
    let mut text = Vec::new();
    let documents: Vec<(&str, f32)> = ids.into_iter().zip(scores).collect();
    write_run(&mut text, "q", &documents, "t").unwrap();
    let text = String::from_utf8(text).unwrap();
    for (rank, index) in rank_order(&scores, |i| ids[i]).into_iter().enumerate() {
        let qrels = format!("q 0 {} 1\n", ids[index]);
        assert_eq!(run_text(&text, &qrels, "RR", &Options::default()).unwrap(), 1.0 / (rank + 1) as f64);
    }
}
