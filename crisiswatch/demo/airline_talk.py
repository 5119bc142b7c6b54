"""What people say about an airline, its app, its club, its rival and its head on an ordinary day.

Each text is a grammar source (`crisiswatch.demo.grammar`). `{brand}` names the topic
and is defined by the `*_NAMES` below, so that every post is about exactly one topic.
A text that is not English starts with its language (`[de] `).

Long because it is one table of wording; there is no logic in it to split.
"""

AIR_NAMES = """
brand
  6| @KittiwakeAir
  4| Kittiwake Air
  1| #KittiwakeAir
  1| #FlyKittiwake
by
  Kittiwake Air
signature
  The Kittiwake Air team
  Your Kittiwake Air crew
  #KittiwakeAir
  Kittiwake Air Care
"""

RIVAL_NAMES = """
brand
  6| @Jetgannet
  5| Jetgannet
  1| #Jetgannet
by
  Jetgannet
signature
  Team Jetgannet
  #Jetgannet
  Jetgannet Care
"""

APP_NAMES = """
brand
  4| @KittiGo
  5| KittiGo
  2| KittiGo app
  1| #KittiGo
"""

CLUB_NAMES = """
brand
  4| Cliff Club
  3| @CliffClub
  2| #CliffClub
"""

HEAD_NAMES = """
brand
  5| Ottoline Fairwind
  2| @OttolineFairwind
"""

COMMON = """
city
  Aberdeen
  Bergen
  Bilbao
  Bremen
  Bristol
  Cork
  Faro
  Gdansk
  Genoa
  Ghent
  Hamburg
  Leeds
  Lisbon
  Lyon
  Malmo
  Nantes
  Naples
  Oslo
  Porto
  Riga
  Seville
  Split
  Tallinn
  Turin
  Valencia
  Vilnius
  Zadar
  Zurich
who
  my mum
  my dad
  my gran
  my sister
  my brother
  my wife
  my husband
  my boss
  the kids
  my best friend
  my flatmate
  my whole team
  two toddlers and me
  my 80 year old nan
day
  today
  tonight
  this morning
  yesterday
  this weekend
  on Monday
  on Thursday
  last night
  on Friday
soon
  today
  tonight
  tomorrow
  this weekend
  on {soon_day}
soon_day
  Monday
  Tuesday
  Thursday
  Friday
  Sunday
minutes
  20 minutes
  40 minutes
  45 mins
  50 minutes
  an hour
  over an hour
  90 minutes
  two hours
  2 hours
  nearly three hours
  3 and a half hours
  most of the day
hour
  5:50
  6:15
  7:40
  9:05
  11:20
  13:35
  14:10
  16:45
  18:25
  20:55
digit
  0
  1
  2
  3
  4
  5
  6
  7
  8
  9
given
  Ada
  Amir
  Bea
  Dan
  Elif
  Frank
  Gita
  Hugo
  Ines
  Jo
  Kim
  Lars
  Maja
  Nils
  Ola
  Pam
  Ravi
  Sam
  Tess
  Uma
surname
  Okafor
  Lindgren
  Moreau
  Castellan
  Haddad
  Novak
  Brennan
  Sato
  Whitlock
initials
  AK
  BT
  DM
  JR
  LS
  MO
  NW
  PQ
  TV
phone
  07700 900{digit}{digit}{digit}
  +44 7700 900{digit}{digit}{digit}
  020 7946 0{digit}{digit}{digit}
mail
  {given}.{surname}@example.com
  {given}{digit}{digit}@example.org
card
  4111 1111 1111 1111
  4242 4242 4242 4242
  5555 5555 5555 4444
  4111111111111111
reference
  K{digit}X{digit}Q{digit}
  ZP{digit}{digit}LM
  {digit}HW{digit}RB
glad
  3| -
  😍
  🥰
  ✈️❤️
  😊
  🙌
  👏👏
  ❤️
  💙
  :)
  ☀️
  💕
cross
  4| -
  😡
  🤬
  😤
  🙄
  🤦‍♀️
  🤦
  💀
  😭
  👎
  :(
  smh
puzzled
  4| -
  🤔
  🙏
  👀
  ✈️
  🤷
glad_more
  2| -
  Thank you!
  Well done
  Keep it up
  What a nice surprise
  {who} agrees
  Made my morning
  Happy start to the trip to {city}
  Best thing about {city} so far
  Told {who} about it already
ask_more
  2| -
  Thanks!
  Asking for {who}
  We fly to {city} {soon}
  Can't find it on the website
  First time flyer here
  It is for {who}
  For the {hour} to {city}
  Any tips?
cross_more
  -
  Second time this week
  Please fix it
  So annoying
  I gave up
  Happened in {city} too
  {who} has the same problem
  Not impressed
  Really bad
  It took {minutes}
aside
  -
  {day}
  on the way to {city}
  with {who}
  before breakfast
  at {hour}
  in {city}
  somewhere over {city}
  while {who} is asleep
es_thing
  una guitarra
  un paraguas
  una tabla de surf
  jamón
  un violín
fr_thing
  une poussette
  un parapluie
  du fromage
  un vélo pliant
  une trompette
pt_thing
  uma bicicleta dobrável
  um violão
  um queijo
  uma prancha
  uma tenda
plane
  2| -
  ✈️
  🛫
  🛬
  🌍
  🧳
"""

AIRLINE = """
praise
  Lovely flight to {city} with {brand} {day}. {praise_why} {glad}
  {brand} {praise_short} {glad}
  {praise_short} {brand} {glad}
  Huge thanks to the {brand} crew on the {hour} to {city}, {praise_why} {glad}
  Shout out to {given} at the {brand} desk in {city}. {praise_why} {glad}
  Can't fault {brand} today: {praise_why}
  Flew {brand} for the first time {day} and I love it. {praise_why} {glad}
  {brand} {glad} {praise_why}
  Credit where it is due, {brand} {praise_deed} {glad}
  Honestly impressed with {brand}. {praise_why}
  {who} had the best flight with {brand} {day}, thank you so much {glad}
  Landed in {city} {minutes} early! Great work {brand} {glad}
  Sunrise over {city} from seat {digit}A. Beautiful. Thank you {brand} {glad}
  best cabin crew in the sky, {brand}. {glad_more} {glad}
  I was dreading flying with two kids but {brand} made it so easy. {glad_more} {glad}
  The legroom on the new {brand} planes is amazing. {glad_more} {glad}
  {brand} found my teddy. MY TEDDY. I am 34 and I cried happy tears. {glad_more} {glad}
  Thank you {brand} for a wonderful trip to {city}, see you again soon
  So happy with {brand}, {praise_why} {glad}
  {given} on the {brand} helpline is a star. Sorted my booking in five minutes {glad}
  Free window seat AND the good biscuits. Marry me {brand}. {glad_more} {glad}
  Compliments to the captain of the {hour} from {city}: softest landing I have ever had. {brand}
  [de] Danke {brand}, toller Flug nach {city} und super nette Crew {glad}
  [fr] Merci {brand} pour ce super vol vers {city}, équipage adorable {glad}
  [es] Gracias {brand}, un vuelo estupendo a {city} y una tripulación encantadora {glad}
praise_why
  The crew were so kind
  staff were lovely from start to finish
  everyone smiled, everything ran on time
  on time, clean, and a proper cup of tea
  they let {who} see the cockpit
  they moved us so that we could sit together
  smooth as butter the whole way
  boarding took ten minutes, a miracle
  they waited for our connection, I could have hugged them
  the breakfast roll was actually delicious
  they sang happy birthday to {who}
  the best service I have had in years
  bags were on the belt before we were
  friendly, funny and fast
praise_short
  you were brilliant {day}
  never disappoints
  is my favourite airline, hands down
  just made my day
  you absolute legends
  thank you, great flight
  does it right, every time
  deserves all the awards
  is a joy to fly with
  lovely people, lovely planes
praise_deed
  rebooked me in minutes when I missed my train
  looked after {who} beautifully
  got us home early
  refunded me the same day
  sent my lost scarf back with a handwritten note
  kept us informed and gave everyone free drinks
question
  {brand} can I bring a {thing} as hand luggage? {puzzled}
  {brand} do you fly to {city} in winter? {puzzled}
  Does anyone know if {brand} allows a {thing} on board?
  {brand} what time does check-in open for the {hour} to {city}?
  hi {brand}, is there wifi on the {hour} from {city}?
  {brand} how do I add a bag to my booking? {ask_more} {puzzled}
  Is {brand} still at terminal 2 in {city}? {puzzled}
  {brand} how early should I be at the airport in {city}?
  Which side of the plane has the better view into {city} on {brand}? Asking for my camera
  {brand} can I change the name on a booking? It says {given}, should be {surname}
  Anyone flown {brand} with a baby? How is it? {ask_more} {puzzled}
  {brand} is the {hour} to {city} on time {soon}?
  Can I take homemade jam on a {brand} flight or is jam a liquid? Asking for my gran. {ask_more}
  {brand} when do summer seats for {city} go on sale? {plane}
  How many kilos for hold luggage with {brand}? {ask_more} {puzzled}
  [de] {brand} ist der Flug um {hour} nach {city} pünktlich?
  [es] {brand} ¿se puede llevar {es_thing} en cabina?
  [fr] {brand} est-ce que je peux emporter {fr_thing} en cabine ?
  [pt] {brand} posso levar {pt_thing} como bagagem de mão?
thing
  guitar
  ukulele
  cello
  folding bike
  pushchair
  wedding dress
  tennis racket
  sourdough starter
  telescope
  small dog
  cheese
  surfboard
  tripod
neutral
  Boarding {brand} to {city} {plane}
  {hour} {brand} to {city}, then a train
  Just booked {brand} to {city} for {soon_day} {plane}
  {brand} adds {digit} weekly flights from {city} to {city} https://news.example/{digit}{digit}{digit}{digit}
  {brand} to start flights between {city} and {city} in May, via @TravelDesk
  On the {brand} from {city}, window seat, podcast on
  Spotted a {brand} A320 over {city} {day} {plane} #avgeek
  At gate B{digit}{digit} waiting for {brand} to {city}
  {city} to {city} with {brand}, £{digit}9 one way
  Watching {brand} push back from my office window again. Productivity: zero {aside}
  Flying {brand} {soon} with {who}
  PRESS: {by} reports passenger figures for February https://news.example/{digit}{digit}{digit}
  Packing for {city}. {brand} at {hour}, so the alarm is set for silly o'clock
  Three flights this week, two with {brand} {aside}
  {brand} livery on the new plane at {city} airport #planespotting
  DEAL: {brand} {city} - {city} from £{digit}9, book by Sunday https://deals.example/{digit}{digit}{digit}{digit}
  {brand} {city} {hour}. Here we go {plane}
  [de] {brand} nach {city}, Gate A{digit}{digit} {plane}
  [fr] En route vers {city} avec {brand} {plane}
  [es] Rumbo a {city} con {brand} {plane}
  [ja] {city} 行き {brand} に搭乗 {plane}
  [pt] Indo para {city} com {brand} {plane}
complaint
  {brand} my bag did not make it to {city}. {complaint_why} {cross}
  {minutes} delayed with {brand} and {complaint_silence}. Awful {cross}
  Stuck in {city} because {brand} {complaint_deed}. {complaint_end} {cross}
  {brand} {complaint_short} {cross}
  {brand} why is the {hour} from {city} late again? {complaint_end} {cross}
  On hold with {brand} for {minutes}. {complaint_end} {cross}
  {complaint_end} {brand} {cross}
  Terrible service from {brand} in {city} {day}. {complaint_why}
  {brand} charged me twice and nobody replies. {complaint_end} {cross}
  {brand} I paid for seat {digit}C and you put me in 29F, next to the toilet. Horrible {cross}
  Broken seat, broken screen, cold coffee. Poor show {brand}. {cross_more} {cross}
  {brand} {complaint_deed}. {complaint_why} {cross}
  The queue at the {brand} desk in {city} is a disgrace. One person working {cross}
  {brand} lost the pushchair. With a baby. At midnight. Really angry. {cross_more} {cross}
  worst flight in ages, {brand} {complaint_deed} {cross}
  {brand} still waiting for my refund from January. Awful. {cross_more} {cross}
  {brand} my suitcase came back with three wheels. It left with four. Really disappointed. {cross_more} {cross}
  {who} missed the connection in {city} thanks to {brand}. {complaint_end} {cross}
  {brand} {minutes} on the tarmac, no water, no information. Really poor
  Never again {brand}. {complaint_why} {cross}
  [de] {brand} Verspätung in {city}, keine Information, niemand da. Sehr ärgerlich {cross}
  [fr] {brand} encore en retard à {city}, personne pour répondre, c'est nul {cross}
  [es] {brand} otra vez con retraso en {city} y nadie contesta, fatal servicio {cross}
complaint_why
  Nobody at the desk cared
  Staff were rude
  No apology, nothing
  I am so disappointed
  the worst service I have had in years
  they just shrugged
  what a mess
  I missed my meeting
  my holiday is ruined
  the food was awful and the crew could not care less
  no one tells us anything
complaint_silence
  nobody tells us anything
  no explanation at all
  not even a glass of water
  the board just says delayed
  the staff have vanished
complaint_deed
  cancelled my flight by text
  changed my seat without asking
  sent my bag to {city} by mistake
  lost my luggage
  left {minutes} late
  closed the gate while I was standing there
  overbooked the flight
  refuses to refund me
complaint_end
  So frustrating
  This is ridiculous
  I am fed up
  Not good enough
  So annoyed
  Really bad
  What a joke
  Sort it out
  Absolutely useless
complaint_short
  you ruined my evening
  is a shambles {day}
  your call centre is useless
  late again, what a surprise
  your website is broken and I am losing the will to live
  this is a very bad start to the holiday
  I am sick of these delays
  you have the rudest staff in {city}
personal
  {brand} my bag is still missing, call me on {phone}, this is ridiculous {cross}
  {brand} for the third time: my mail is {mail}, where is my refund?? {cross}
  {brand} you charged my card {card} twice, I am furious {cross}
  {brand} booking {reference}, {given} {surname}, {mail}. Nobody answers. Terrible service
  {brand} flight cancelled and no one calls back. {phone}. Booking reference {reference} {cross}
service
  Hi {given}, we are sorry to hear that. Please send us your booking reference by DM and we will look into it. ^{initials} {signature}
  Hello {given}! Yes, that is fine as long as it fits under the seat. ^{initials} {signature}
  Thank you for the kind words {given}, we will pass them on to the crew! ^{initials} {signature}
  Hi {given}, check-in opens 30 hours before departure. ^{initials} {signature}
  Good morning {given}, the {hour} to {city} is expected on time. ^{initials} {signature}
  Sorry about the wait {given}. Could you DM us the six-letter reference so that we can check? ^{initials} {signature}
  Hi {given}, bags can be added online until two hours before departure. ^{initials} {signature}
  That photo is a beauty, {given}. May we share it? ^{initials} {signature}
"""

APP = """
praise
  {brand} just worked. Boarding pass in two taps. {glad_more} {glad}
  Love the new dark mode in {brand}. {glad_more} {glad}
  {brand} told me about the gate change before the board did, great stuff. {glad_more} {glad}
  Whoever designed {brand}: thank you, so easy. {glad_more} {glad}
  Checked in {who} with {brand} from the sofa, brilliant {glad}
  {brand} is the best travel app on my phone. {glad_more} {glad}
  the bag tracker in {brand} is so good. {glad_more} {glad}
  nice update {brand}, really smooth now. {glad_more} {glad}
question
  {brand} can I keep two boarding passes on one phone? {ask_more} {puzzled}
  Does {brand} work on a tablet? {ask_more} {puzzled}
  {brand} where do I find my old trips? {ask_more}
  How do I switch {brand} to German? {ask_more} {puzzled}
  {brand} does the boarding pass work offline? {ask_more} {puzzled}
  is there a {brand} widget for the watch? {ask_more}
  {brand} how do I add a baby to the booking? {ask_more} {puzzled}
  [de] {brand} kann man zwei Bordkarten speichern?
neutral
  Checked in with {brand}, seat {digit}D, {hour} to {city} {plane}
  {brand} says gate B{digit}{digit} {plane}
  Version {digit}.{digit} of {brand} is out
  Boarding pass in {brand}, coffee in hand, {city} next {plane}
  {brand} notification: bag on belt {digit}
  Moved my trip to {city} to {soon_day} in {brand}
  TIP: {brand} shows the seat map before you pay https://tips.example/{digit}{digit}{digit}
complaint
  {brand} logged me out again, so annoying. {cross_more} {cross}
  {brand} drains my battery, terrible. {cross_more} {cross}
  why does {brand} ask for my passport every single time. {cross_more} {cross}
  {brand} crashed while I was paying. Really bad. {cross_more} {cross}
  Too many notifications from {brand}, I hate it. {cross_more} {cross}
  {brand} forgot my seat again, useless. {cross_more} {cross}
  The seat map in {brand} is awful on small phones. {cross_more} {cross}
personal
  {brand} will not accept my mail {mail}, annoying {cross}
  {brand} refused card {card} three times, this is bad {cross}
service
  Hi {given}, please update to the latest version and try again. ^{initials} #KittiGo
  Hello {given}, yes: tap the passenger twice and choose add. ^{initials} #KittiGo
  Thanks {given}, we have passed that on to the KittiGo team! ^{initials}
"""

CLUB = """
praise
  Gold at {brand}! The lounge in {city} has pancakes {glad}
  {brand} upgrade to the front row, thank you so much. {glad_more} {glad}
  Used {brand} points for {who}'s birthday trip to {city}, so happy {glad}
  {brand} is the best programme I am in, points for everything. {glad_more} {glad}
  The {brand} lounge staff in {city} are wonderful {glad}
question
  Do {brand} points expire? {ask_more} {puzzled}
  How many {brand} points for {city}? {puzzled}
  Can I give {brand} points to {who}? {puzzled}
  Is the {brand} lounge in {city} open at {hour}?
neutral
  {brand} lounge in {city}, second coffee {plane}
  1{digit}0 points short of silver at {brand}
  {brand}: double points on {city} until the end of March https://deals.example/{digit}{digit}{digit}
  New year, new {brand} tier {aside}
  Counting {brand} points instead of sheep {aside}
complaint
  {brand} points missing from my trip to {city} again {cross}
  {brand} changed the points table, really disappointing. {cross_more} {cross}
  Lounge full, no seat. What is the point of {brand}. {cross_more} {cross}
  Three mails about missing points and no answer from {brand}. Poor service. {cross_more} {cross}
personal
  {brand} my points are gone, account mail {mail}, please fix this mess {cross}
service
  Hi {given}, points appear within five days. ^{initials} #CliffClub
  Congratulations on gold, {given}! ^{initials} #CliffClub
"""

HEAD = """
praise
  Great interview with {brand} about flying on less fuel. {glad_more} {glad}
  {brand} served the coffee on my flight herself, loved that. {glad_more} {glad}
  {brand} is a brilliant speaker. {glad_more} {glad}
question
  Does anybody know where {brand} speaks in {city}? {puzzled}
  Has {brand} said anything about the {city} route? {puzzled}
neutral
  {brand} to speak at the aviation forum in {city} on Thursday https://news.example/{digit}{digit}{digit}
  Interview: {brand} on small airports and big winters https://news.example/{digit}{digit}{digit}
  Listening to {brand} on the radio {aside}
  {brand} opens the new hangar in {city} {day}
complaint
  {brand} talks about service and I can not reach anyone by phone, what a joke. {head_more} {cross}
  Boring talk by {brand}, all slogans. {head_more} {cross}
  Not impressed by {brand} dodging the question about delays. {head_more} {cross}
head_more
  -
  So disappointing
  Really poor
  I expected more
  My whole row fell asleep
  What a pity
  Very annoying
  Sad, really
personal
  {brand} I wrote to you from {mail} and heard nothing, really poor {cross}
service
  {brand} will answer questions from passengers on Tuesday at {hour}.
"""
