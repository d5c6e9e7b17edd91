"""Words of companies to their customers in several languages; talk among friends, and words inside an address."""

FLAGGED = [
    "Your account needs attention https://x.example/a",
    "Dear cardholder: (payment) https://x.example/a",
    "Baki akaun pelanggan https://x.example/a",
    "您的账户 https://x.example/a",
    "வங்கி https://x.example/a",
    "Estimado cliente, su envío https://x.example/a",
    "お客様へ https://x.example/a",
    "Уважаемый клиент https://x.example/a",
    "diskaun pelajar sampai Ahad https://x.example/a",
    "Congratulations, you won a prize: log in to your account https://x.example/a",  # the account, not the prize
]
CLEAN = [
    "see https://account.example/payment/claim",
    "look what I found https://x.example/a",
    "tengok ni lawak https://x.example/a",
    "你看这个 https://x.example/a",
    "accountant by trade, banker by night https://x.example/a",
    "Congratulations, you won a prize https://x.example/a",  # lure_words counts it
    "",
]
