DROP TABLE decision_evaluations;
DROP TABLE decisions;
